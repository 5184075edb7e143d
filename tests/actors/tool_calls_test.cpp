#define CAF_SUITE tool_calls
#define FAIL CAF_FAIL
#include "actors/tool_calls.hpp"
#include "conf/defaults/tools.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;
namespace limits = defaults::tools;

namespace {

struct fixture {
  tool_calls calls;

  void call(const std::string& response, const std::string& id, bool completed = true,
            const std::string& arguments = "{}") {
    calls.on_item(response, {id, "find", arguments}, completed);
  }
  std::string due(const std::string& response) {
    std::string ids;
    for (auto& each : calls.on_response_done(response))
      ids += each.call_id + " ";
    return ids;
  }
  static std::string text(const std::vector<tool_exchange>& all) {
    std::string out;
    for (auto& each : all)
      out += each.call_id + "=" + each.output + " ";
    return out;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(tool_calls_tests, fixture)

CAF_TEST(the calls of a response run when it is over and are answered when all outputs are in) {
  call("r1", "a");
  call("r1", "b");
  CAF_CHECK(!calls.idle());
  CAF_CHECK_EQUAL(due("r1"), "a b ");
  CAF_CHECK_EQUAL(text(calls.on_output("b", "2")), "");
  CAF_CHECK_EQUAL(text(calls.on_output("a", "1")), "a=1 b=2 ");
  CAF_CHECK(calls.idle());
}

CAF_TEST(a call that was not completed is not run) {
  call("r1", "a", false);
  CAF_CHECK_EQUAL(due("r1"), "");
  CAF_CHECK(calls.idle());
}

CAF_TEST(an output counts once and only for a call that waits) {
  call("r1", "a");
  call("r1", "b");
  due("r1");
  CAF_CHECK_EQUAL(text(calls.on_output("x", "9")), "");
  calls.on_output("a", "1");
  CAF_CHECK_EQUAL(text(calls.on_output("a", "2")), "");
  CAF_CHECK_EQUAL(text(calls.on_output("b", "3")), "a=1 b=3 ");
  CAF_CHECK_EQUAL(due("r1"), ""); // nor does a response end twice
}

CAF_TEST(responses are answered each on its own) {
  call("r1", "a");
  call("r2", "b");
  CAF_CHECK_EQUAL(due("r2"), "b ");
  CAF_CHECK_EQUAL(text(calls.on_output("b", "2")), "b=2 ");
  CAF_CHECK_EQUAL(due("r1"), "a ");
}

CAF_TEST(what is too much is answered with an error and not run) {
  for (size_t i = 0; i < limits::pending_max + 1; ++i)
    call("r1", "c" + std::to_string(i));
  size_t run = 0;
  for (auto& each : calls.on_response_done("r1")) {
    ++run;
    calls.on_output(each.call_id, "ok");
  }
  CAF_CHECK_EQUAL(run, limits::pending_max);
}

CAF_TEST(a refused call is answered in its place with the others) {
  call("r1", "a");
  call("r1", "b", true, std::string(limits::arguments_bytes_max + 1, ' '));
  CAF_CHECK_EQUAL(due("r1"), "a ");
  const auto all = calls.on_output("a", "1");
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK(all[1].output.find("error") != std::string::npos);
  CAF_CHECK_EQUAL(all[1].arguments_json, "{}");
}

CAF_TEST(a response with refused calls alone is answered at once) {
  call("r1", "b", true, std::string(limits::arguments_bytes_max + 1, ' '));
  CAF_CHECK_EQUAL(due("r1"), "");
  CAF_CHECK_EQUAL(calls.take_answered().size(), 1u);
  CAF_CHECK(calls.idle());
}

CAF_TEST(a flood is bounded) {
  for (size_t i = 0; i < 10 * limits::remembered_max; ++i)
    call("r" + std::to_string(i), "c" + std::to_string(i));
  size_t known = 0;
  for (size_t i = 0; i < 10 * limits::remembered_max; ++i)
    known += calls.on_response_done("r" + std::to_string(i)).size();
  CAF_CHECK_EQUAL(known, limits::pending_max);
}

CAF_TEST(an output too long is cut at a character and says so) {
  call("r1", "a");
  due("r1");
  std::string text;
  while (text.size() <= limits::output_bytes_max)
    text += "\xC3\xA9";
  const auto all = calls.on_output("a", "x" + text);
  CAF_REQUIRE_EQUAL(all.size(), 1u);
  CAF_CHECK_LESS(all[0].output.size(), limits::output_bytes_max + 64);
  CAF_CHECK(all[0].output.find("\xC3 ") == std::string::npos);
  CAF_CHECK(all[0].output.find("[cut") != std::string::npos);
}

CAF_TEST(what a lost session was not told is kept for the next one) {
  call("r1", "a");
  call("r1", "b");
  due("r1");
  calls.on_output("a", "1");
  CAF_CHECK_EQUAL(text(calls.abandon()), "a=1 ");
  CAF_CHECK(calls.idle());
}

CAF_TEST_FIXTURE_SCOPE_END()
