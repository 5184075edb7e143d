#define CAF_SUITE start_and_stop
#define FAIL CAF_FAIL
#include "tests/end_to_end/sound.hpp"
#include "tests/end_to_end/world.hpp"

#include <csignal>

#include <caf/test/dsl.hpp>

using namespace e2e;

CAF_TEST_FIXTURE_SCOPE(start_and_stop_tests, world)

CAF_TEST(every problem of the configuration is listed at once and no secret is printed) {
  process bad{binary("switchboard"),
              {"check-config"},
              {{"PORT", "99999"}, {"APP_ENV", "moon"}, {"TWILIO_AUTH_TOKEN", "s3cret-token-value"}},
              path("out")};
  CAF_CHECK_EQUAL(bad.wait(seconds{10}), 1);
  const auto out = read_file(path("out"));
  for (auto* name :
       {"PORT", "APP_ENV", "TWILIO_ACCOUNT_SID", "TWILIO_PHONE_NUMBER", "OPENAI_API_KEY"})
    CAF_CHECK(out.find(name) != std::string::npos);
  CAF_CHECK(out.find("s3cret-token-value") == std::string::npos);
}

CAF_TEST(one process per data directory) {
  start_model();
  start_server();
  const auto first_port = port();
  process second{binary("switchboard"),
                 {"serve"},
                 {{"PORT", "0"},
                  {"TWILIO_ACCOUNT_SID", account},
                  {"TWILIO_AUTH_TOKEN", auth_token},
                  {"TWILIO_PHONE_NUMBER", "+15550100002"},
                  {"OPENAI_API_KEY", "x"},
                  {"DATABASE_URL", "file:" + path("data/switchboard.db")},
                  {"RECORDING_STORAGE_PATH", path("data/recordings")}},
                 path("second.log")};
  CAF_CHECK_EQUAL(second.wait(seconds{10}), 2);
  CAF_CHECK(read_file(path("second.log")).find("data directory") != std::string::npos);
  CAF_CHECK_EQUAL(port(), first_port);
  CAF_CHECK_EQUAL(get("/health").status, 200);
}

CAF_TEST(a live call may finish while the server drains and new ones hear an apology) {
  start_model();
  start_server();
  start_calls("live", {"--hangup-after", "6"});
  CAF_REQUIRE(wait_until([&] { return active_calls() == 1; }));
  server.signal(SIGTERM);
  CAF_REQUIRE(wait_until([&] { return json::parse(get("/health").body)["draining"] == true; }));
  CAF_CHECK_EQUAL(get("/health").status, 200);
  CAF_CHECK_EQUAL(get("/ready").status, 503);
  CAF_CHECK_EQUAL(place_calls("late", {"--hangup-after", "2", "--expect-rejected"}), 0);
  CAF_CHECK_EQUAL(finish_calls("live"), 0);
  CAF_CHECK_EQUAL(server.wait(seconds{20}), 0);
  start_server();
  const auto rows = calls();
  CAF_REQUIRE_EQUAL(rows.size(), 1u);
  CAF_CHECK_EQUAL(rows[0]["status"].get<std::string>(), "completed");
  CAF_CHECK_EQUAL(rows[0]["recordings"].size(), 1u);
}

CAF_TEST(a second signal ends live calls at once with complete records) {
  start_model();
  start_server();
  start_calls("live", {"--hangup-after", "60"});
  CAF_REQUIRE(wait_until([&] { return active_calls() == 1; }));
  CAF_REQUIRE(wait_until([&] { return calls()[0]["transcripts"].size() == 1; }));
  server.signal(SIGTERM);
  CAF_REQUIRE(wait_until([&] { return json::parse(get("/health").body)["draining"] == true; }));
  server.signal(SIGTERM);
  CAF_CHECK_EQUAL(server.wait(seconds{20}), 0);
  start_server();
  const auto call = calls().at(0);
  CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
  CAF_CHECK_EQUAL(call["recordings"].size(), 1u);
  const auto wav =
      load_sound(path("data/recordings/" + call["recordings"][0]["filePath"].get<std::string>()));
  CAF_CHECK_LESS(std::abs(wav.seconds() - call["recordings"][0]["duration"].get<double>()), 0.01);
}

CAF_TEST(a drain that takes too long ends live calls with complete records) {
  start_model();
  start_server({{"DRAIN_TIMEOUT_S", "1"}});
  start_calls("live", {"--hangup-after", "60"});
  CAF_REQUIRE(wait_until([&] { return active_calls() == 1; }));
  CAF_REQUIRE(wait_until([&] { return calls()[0]["transcripts"].size() == 1; }));
  server.signal(SIGTERM);
  CAF_CHECK_EQUAL(server.wait(seconds{30}), 0);
  start_server();
  const auto call = calls().at(0);
  CAF_CHECK(call["status"] != "active");
  CAF_CHECK(call["endTime"].is_string());
  CAF_CHECK(call["duration"].is_number());
  CAF_CHECK_EQUAL(call["analytics"].size(), 1u);
  CAF_REQUIRE_EQUAL(call["recordings"].size(), 1u);
  const auto wav =
      load_sound(path("data/recordings/" + call["recordings"][0]["filePath"].get<std::string>()));
  CAF_CHECK_LESS(std::abs(wav.seconds() - call["recordings"][0]["duration"].get<double>()), 0.01);
}

CAF_TEST(a server without calls ends at once with every record saved) {
  start_model();
  start_server();
  CAF_REQUIRE_EQUAL(place_calls("call", {"--hangup-after", "3"}), 0);
  CAF_REQUIRE(wait_for_recordings(1));
  server.signal(SIGINT);
  CAF_CHECK_EQUAL(server.wait(seconds{10}), 0);
  start_server();
  CAF_CHECK_EQUAL(calls().at(0)["recordings"].size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
