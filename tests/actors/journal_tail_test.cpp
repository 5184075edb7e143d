#define CAF_SUITE journal_tail
#include "actors/journal_tail.hpp"
#include "conf/defaults/call.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;
using namespace std::chrono_literals;
namespace limits = switchboard::defaults::call;

namespace {

using news = journal_tail::news;
using bytes = std::vector<uint8_t>;

struct fixture {
  journal_tail::monotonic now{1h};
  journal_tail tail{now};
  bytes file;
  std::optional<journal_append> on_way;

  journal_loss add(uint8_t value, size_t size = 1) {
    return tail.add(std::make_shared<bytes>(size, value), now);
  }
  /// Takes the next append. @returns how many batches it has.
  size_t next() {
    on_way = tail.next(now);
    return on_way ? on_way->ticket->batches().size() : 0;
  }
  void write() {
    CAF_REQUIRE(on_way->ticket->take());
    for (auto& batch : on_way->ticket->batches())
      file.insert(file.end(), batch->begin(), batch->end());
    on_way->ticket->settle(true, now);
    on_way.reset();
  }
  void fail() {
    CAF_REQUIRE(on_way->ticket->take());
    on_way->ticket->settle(false, now);
    on_way.reset();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_tail_tests, fixture)

CAF_TEST(what comes while an append is on its way goes with the next one) {
  CAF_CHECK_EQUAL(next(), 0u);
  add(1);
  CAF_CHECK_EQUAL(next(), 1u);
  add(2);
  add(3);
  CAF_CHECK(tail.look(now) == news::none);
  CAF_CHECK(!tail.next(now));
  now += 70ms;
  write();
  now += 30ms;
  CAF_CHECK(tail.look(now) == news::written);
  CAF_CHECK(tail.waited() == 70ms); // until it was written, not until somebody looked
  CAF_CHECK_EQUAL(next(), 2u);
  write();
  CAF_CHECK(tail.look(now) == news::written);
  CAF_CHECK(tail.look(now) == news::none);
  CAF_CHECK(tail.empty() && tail.bytes() == 0);
  CAF_CHECK(file == (bytes{1, 2, 3}));
}

CAF_TEST(a failed append is made again after a pause and in the same order) {
  add(1);
  next();
  add(2);
  fail();
  CAF_CHECK(tail.look(now) == news::failed);
  CAF_CHECK(tail.failing());
  CAF_CHECK_EQUAL(next(), 0u); // not yet
  now += limits::recorder_retry;
  CAF_CHECK_EQUAL(next(), 2u);
  fail();
  CAF_CHECK(tail.look(now) == news::none); // told already
  now += limits::recorder_retry;
  add(3);
  CAF_CHECK_EQUAL(next(), 3u);
  write();
  CAF_CHECK(tail.look(now) == news::resumed);
  CAF_CHECK(!tail.failing());
  CAF_CHECK(file == (bytes{1, 2, 3}));
}

CAF_TEST(an append that nobody has any more has failed) {
  add(1);
  next();
  on_way.reset(); // the mailbox of a writer that died
  CAF_CHECK(tail.look(now) == news::failed);
  now += limits::recorder_retry;
  next();
  CAF_REQUIRE(on_way->ticket->take());
  on_way.reset(); // a writer that died with it in its hands
  CAF_CHECK(tail.look(now) == news::none);
  now += limits::recorder_retry;
  CAF_CHECK_EQUAL(next(), 1u);
}

CAF_TEST(an append that nobody takes is taken back and one that is taken is waited for) {
  add(1);
  next();
  now += limits::disk_timeout;
  CAF_CHECK(tail.look(now) == news::failed);
  CAF_CHECK(!on_way->ticket->take()); // the slow disk must not write it any more
  now += limits::recorder_retry;
  next();
  CAF_REQUIRE(on_way->ticket->take());
  now += limits::disk_timeout;
  CAF_CHECK(tail.look(now) == news::none); // trouble was told already
  CAF_CHECK(tail.late());
  CAF_CHECK(!tail.next(now));
  on_way->ticket->settle(true, now);
  CAF_CHECK(tail.look(now) == news::resumed);
  add(2);
  next();
  CAF_REQUIRE(on_way->ticket->take());
  now += limits::disk_timeout;
  CAF_CHECK(tail.look(now) == news::late);
}

CAF_TEST(past the bound facts are lost and the time in which they happened is told) {
  now += 100ms;
  add(1, limits::recorder_bytes_max - 1);
  now += 100ms;
  CAF_CHECK_EQUAL(add(2).bytes, 0u); // just fits
  now += 70ms;
  const auto lost = add(3, 5);
  CAF_CHECK_EQUAL(lost.bytes, 5u);
  CAF_CHECK_EQUAL(lost.ms, 70);
  CAF_CHECK_EQUAL(tail.bytes(), limits::recorder_bytes_max);
  CAF_CHECK_EQUAL(next(), 2u);
  write();
  CAF_CHECK(tail.look(now) == news::written);
  CAF_CHECK_EQUAL(add(4).bytes, 0u);
}

CAF_TEST(giving up loses what waits and what is on its way) {
  now += 100ms;
  add(1, 10);
  next();
  now += 100ms;
  add(2, 5);
  const auto lost = tail.give_up();
  CAF_CHECK_EQUAL(lost.bytes, 15u);
  CAF_CHECK_EQUAL(lost.ms, 200);
  CAF_CHECK(tail.empty() && !tail.on_way() && !tail.failing());
  CAF_CHECK(!on_way->ticket->take()); // nor does it come when nobody expects it any more
  CAF_CHECK_EQUAL(tail.give_up().bytes, 0u);
  add(3);
  next();
  CAF_REQUIRE(on_way->ticket->take());
  CAF_CHECK_EQUAL(tail.give_up().bytes, 1u);
  on_way->ticket->settle(true, now); // the disk had begun it
  CAF_CHECK(tail.look(now) == news::none);
}

CAF_TEST(no time is lost twice) {
  now += 300ms;
  add(1, limits::recorder_bytes_max);
  now += 100ms;
  CAF_CHECK_EQUAL(add(2).ms, 100);
  CAF_CHECK_EQUAL(tail.give_up().ms, 300);
}

CAF_TEST_FIXTURE_SCOPE_END()
