#define CAF_SUITE many_calls
#define FAIL CAF_FAIL
#include "tests/end_to_end/sound.hpp"
#include "tests/end_to_end/world.hpp"

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {
constexpr size_t calls_at_once = 20;
}

CAF_TEST_FIXTURE_SCOPE(many_calls_tests, world)

CAF_TEST(twenty calls at once are all completed without a lost frame and with whole recordings) {
  start_model();
  start_server();
  auto options = three_turns();
  options.insert(options.end(), {"--calls", std::to_string(calls_at_once), "--stagger-ms", "50"});
  CAF_CHECK_EQUAL(place_calls("callers", options), 0);
  CAF_REQUIRE(wait_for_recordings(calls_at_once));

  std::map<std::string, json> sent;
  const auto carrier = report("callers");
  for (auto& call : carrier["calls"])
    sent[call["callSid"]] = call;
  for (auto& call : calls()) {
    CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
    CAF_CHECK_EQUAL(call["transcripts"].size(), 7u);
    const auto& placed = sent.at(call["callSid"]);
    const auto metrics = json::parse(call["analytics"][0]["metrics"].get<std::string>());
    CAF_CHECK_EQUAL(metrics["framesIn"].get<int>(), placed["totals"]["framesSent"].get<int>());
    const auto wav =
        load_sound(path("data/recordings/" + call["recordings"][0]["filePath"].get<std::string>()));
    const double media_s = placed["totals"]["framesSent"].get<double>() * 0.020;
    CAF_CHECK_LESS(std::abs(wav.seconds() - media_s), 0.1);
  }
  CAF_CHECK_EQUAL(stop_server(), 0); // also: no thread but its line touched a socket
}

CAF_TEST(a call beyond the limit hears an apology and the others go on) {
  start_model();
  start_server({{"MAX_CONCURRENT_CALLS", "2"}});
  start_calls("admitted", {"--calls", "2", "--hangup-after", "6"});
  CAF_REQUIRE(wait_until([&] { return active_calls() == 2; }));
  CAF_CHECK_EQUAL(place_calls("refused", {"--hangup-after", "2", "--expect-rejected"}), 0);
  CAF_CHECK_EQUAL(finish_calls("admitted"), 0);
  CAF_REQUIRE(wait_for_recordings(2));
  CAF_CHECK_EQUAL(place_calls("next", {"--hangup-after", "2"}), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
