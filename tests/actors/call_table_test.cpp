#define CAF_SUITE call_table
#define FAIL CAF_FAIL
#include "actors/call_table.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;

namespace {

call_facts facts_of(const std::string& sid) {
  call_facts facts;
  facts.call_sid = sid;
  return facts;
}

} // namespace

CAF_TEST(a ticket is good once and a retried webhook gets the same one) {
  call_table table{10, 2};
  auto& entry = table.add("id", facts_of("CA1"));
  table.renew_ticket(entry, "first", 100, 60);
  table.renew_ticket(entry, "second", 110, 60);
  CAF_CHECK_EQUAL(entry.nonce, "first");
  CAF_CHECK(table.use_ticket("CA1", "wrong", 120) == claim_verdict::wrong_nonce);
  CAF_CHECK(table.use_ticket("CA2", "first", 120) == claim_verdict::unknown_call);
  CAF_CHECK(table.use_ticket("CA1", "first", 120) == claim_verdict::ok);
  CAF_CHECK(table.use_ticket("CA1", "first", 121) == claim_verdict::used_nonce);
  table.renew_ticket(entry, "third", 130, 60);
  CAF_CHECK_EQUAL(entry.nonce, "third");
}

CAF_TEST(a ticket that has expired is not good and is replaced) {
  call_table table{10, 1};
  auto& entry = table.add("id", facts_of("CA1"));
  table.renew_ticket(entry, "first", 100, 60);
  CAF_CHECK(table.use_ticket("CA1", "first", 160) == claim_verdict::wrong_nonce);
  table.renew_ticket(entry, "second", 160, 60);
  CAF_CHECK_EQUAL(entry.nonce, "second");
}

CAF_TEST(streams go to the least loaded line and a call stays on its line) {
  call_table table{10, 2};
  auto& a = table.add("a", facts_of("CA1"));
  auto& b = table.add("b", facts_of("CA2"));
  const auto line_a = table.assign_line(a);
  const auto line_b = table.assign_line(b);
  CAF_CHECK_NOT_EQUAL(line_a, line_b);
  CAF_CHECK_EQUAL(table.assign_line(a), line_a);
  table.remove("a");
  CAF_CHECK_EQUAL(table.load(line_a), 0u);
}

CAF_TEST(a line that is late gets no stream while another keeps up and shares them when none does) {
  call_table table{10, 3};
  const auto only_the_last = [](size_t line) { return line != 2; };
  for (auto id : {"a", "b", "c"})
    CAF_CHECK_EQUAL(table.assign_line(table.add(id, facts_of(id)), only_the_last), 2u);
  const auto none = [](size_t) { return true; };
  CAF_CHECK_EQUAL(table.assign_line(table.add("d", facts_of("d")), none), 0u);
  CAF_CHECK_EQUAL(table.assign_line(table.add("e", facts_of("e")), none), 1u);
  CAF_CHECK_EQUAL(table.load(2), 3u);
}

CAF_TEST(the table is full at its bound and has room again after a call is forgotten) {
  call_table table{2, 1};
  table.add("a", facts_of("CA1"));
  table.add("b", facts_of("CA2"));
  CAF_CHECK(table.full());
  table.remove("a");
  CAF_CHECK(!table.full());
  CAF_CHECK(table.by_sid("CA1") == nullptr);
}
