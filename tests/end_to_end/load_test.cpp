#define CAF_SUITE load
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

constexpr const char* api_token = "end-to-end-token-0001";

struct fixture : world {
  uint16_t load_model = free_port();

  fixture() {
    start_server(
        {{"OPENAI_REALTIME_URL", "ws://127.0.0.1:" + std::to_string(load_model) + "/v1/realtime"},
         {"API_TOKENS", std::string{"load:"} + api_token},
         {"LINES", "1"},
         {"CALL_REVIEW", "false"}, // this model answers nothing
         {"RESUME_WINDOW_S", "1"}});
  }

  /// Runs the load generator; void (this machine is busy, 2) is as good: delays are not looked at.
  /// What was not carried (3) is in the report.
  json generate(texts options) {
    options.insert(options.end(),
                   {"--url", url(""), "--auth-token", auth_token, "--api-token", api_token,
                    "--model-port", std::to_string(load_model), "--server-pid",
                    std::to_string(server.pid()), "--json", path("load.json")});
    process loadgen{binary("loadgen"), options, {{"PATH", "/usr/bin:/bin"}}, path("load.log")};
    const int code = loadgen.wait(seconds{90});
    if (code != 0 && code != 2 && code != 3)
      CAF_FAIL("loadgen ended with " << code << ": " << read_file(path("load.log")));
    return json::parse(read_file(path("load.json")), nullptr, false);
  }

  double metric(const std::string& sample) const {
    return world::metric(sample, {std::string{"Authorization: Bearer "} + api_token});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(load_tests, fixture)

CAF_TEST(no frame is lost in either direction while calls come and go and what is counted agrees) {
  const auto report = generate({"--calls", "10", "--seconds", "5", "--warm-up", "1", "--churn", "4",
                                "--churn-seconds", "1", "--api", "5", "--sse", "2"});
  CAF_REQUIRE(report.is_object());
  CAF_CHECK_EQUAL(report["failed"], 0);
  CAF_CHECK_EQUAL(report["refused"], 0);
  CAF_CHECK_EQUAL(report["lost"], 0);
  CAF_CHECK_EQUAL(report["sessions_lost"], 0);
  CAF_CHECK_EQUAL(report["odd_messages"], 0);
  CAF_CHECK_EQUAL(report["api_errors"], 0);
  CAF_CHECK_EQUAL(report["not_carried"], "");
  CAF_CHECK_EQUAL(report["event_streams_lost"], 0);
  CAF_CHECK(report["event_stream_bytes"].get<int>() > 0);
  CAF_CHECK(report["frames"]["to_model"]["sent"].get<int>() > 2000); // 10 calls, 50 a second, 5 s
  CAF_CHECK(report["frames"]["to_carrier"]["sent"].get<int>() > 100);
  for (auto group : {"frames", "other_frames"})
    for (auto way : {"to_model", "to_carrier"})
      CAF_CHECK_EQUAL(report[group][way]["lost"], 0);
  const auto started = report["started"].get<double>();
  CAF_CHECK(wait_until([&] { return metric("switchboard_calls_active") == 0; }));
  CAF_CHECK_EQUAL(metric("switchboard_admissions_total{result=\"accepted\"}"), started);
  CAF_CHECK_EQUAL(metric("switchboard_calls_ended_total{status=\"completed\"}"), started);
  CAF_CHECK_EQUAL(metric("switchboard_calls_ended_total{status=\"failed\"}"), 0);
  CAF_CHECK(wait_until([&] { return metric("switchboard_recorders") == 0; }));
  CAF_CHECK_EQUAL(metric("switchboard_journal_waiting_bytes"), 0);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(a ramp and a burst place all their calls whoever comes and goes beside) {
  const auto ramp = generate({"--calls", "8", "--seconds", "4", "--profile", "ramp", "--churn", "4",
                              "--churn-seconds", "0.5", "--churn-random"});
  CAF_REQUIRE(ramp.is_object());
  CAF_CHECK_EQUAL(ramp["not_carried"], "");
  CAF_CHECK(ramp["started"].get<int>() >= 8 + 14); // 4 a second, 4 s: 16, less what is rounded
  CAF_CHECK(ramp["frames"]["to_model"]["sent"].get<int>() > 500); // one more each half second
  CAF_CHECK(ramp["other_frames"]["to_model"]["sent"].get<int>() > 100);
  const auto burst = generate({"--calls", "20", "--seconds", "2", "--profile", "burst"});
  CAF_REQUIRE(burst.is_object());
  CAF_CHECK_EQUAL(burst["not_carried"], "");
  CAF_CHECK_EQUAL(burst["started"], 20);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(a session that is not open when its call ends is given up and not counted as lost) {
  const auto report = generate({"--calls", "2", "--seconds", "3", "--warm-up", "1", "--churn", "8",
                                "--churn-seconds", "0.3", "--model-delay", "1000"});
  CAF_REQUIRE(report.is_object());
  CAF_CHECK_EQUAL(report["not_carried"], "");
  CAF_CHECK(report["sessions_unopened"].get<int>() > 5);
  CAF_CHECK_EQUAL(report["sessions_lost"], 0);
  CAF_CHECK(wait_until([&] { return metric("switchboard_calls_active") == 0; }));
  CAF_CHECK_EQUAL(metric("switchboard_calls_ended_total{status=\"failed\"}"), 0);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(streams and sessions that break off leave nothing behind) {
  generate({"--calls", "2", "--seconds", "2", "--warm-up", "1"});
  CAF_REQUIRE(wait_until([&] { return metric("switchboard_recorders") == 0; }));
  const auto descriptors = metric("process_open_fds");
  const auto threads = metric("process_threads");
  const auto report = generate({"--calls", "4", "--seconds", "5", "--warm-up", "1", "--churn", "8",
                                "--churn-seconds", "2", "--faults", "50"});
  CAF_REQUIRE(report.is_object());
  CAF_CHECK_EQUAL(report["lost"], 0); // what broke is not counted: it was meant to
  CAF_CHECK(metric("switchboard_connections_lost_total{side=\"carrier\",reason=\"lost\"}") > 0);
  CAF_CHECK(metric("switchboard_connections_lost_total{side=\"model\",reason=\"lost\"}") > 0);
  CAF_CHECK(wait_until([&] { return metric("switchboard_calls_active") == 0; }));
  CAF_CHECK(wait_until([&] { return metric("switchboard_recorders") == 0; }));
  CAF_CHECK(wait_until([&] { return metric("process_open_fds") <= descriptors; }, seconds{40}));
  CAF_CHECK_EQUAL(metric("process_threads"), threads);
  CAF_CHECK_EQUAL(metric("switchboard_line_actors{line=\"line-0\"}"), 0);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
