#define CAF_SUITE profiles
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"

#include <csignal>
#include <fstream>

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

struct several_agents : world {
  void write_profiles(const std::string& text) { std::ofstream{path("profiles.json")} << text; }

  void start(const std::string& profiles, const variables& more = {}) {
    write_profiles(profiles);
    start_model();
    variables all{{"AGENT_PROFILES", path("profiles.json")}};
    all.insert(more.begin(), more.end());
    start_server(all);
  }

  /// The agent of the newest call.
  std::string agent() const { return calls().at(0)["agent"]; }

  bool log_has(const std::string& text) const {
    return server_log().find(text) != std::string::npos;
  }
};

constexpr const char* two_agents = R"({"default": "reception", "numbers": {"+15550100003": "sales"},
  "profiles": {"reception": {}, "sales": {"consent": "This call is recorded."}}})";

} // namespace

CAF_TEST_FIXTURE_SCOPE(profiles_tests, several_agents)

CAF_TEST(the called number decides who answers and what is announced first) {
  start(two_agents);
  CAF_CHECK_EQUAL(place_calls("sales", {"--to", "+15550100003", "--hangup-after", "2"}), 0);
  CAF_CHECK_EQUAL(agent(), "sales");
  const auto verbs = report("sales")["calls"][0]["verbs"];
  CAF_REQUIRE_EQUAL(verbs.size(), 2u);
  CAF_CHECK_EQUAL(verbs[0].get<std::string>(), "Say: This call is recorded.");
  CAF_CHECK_EQUAL(place_calls("other", {"--hangup-after", "2"}), 0);
  CAF_CHECK_EQUAL(agent(), "reception");
  CAF_CHECK_EQUAL(report("other")["calls"][0]["verbs"].size(), 1u);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(a hangup signal takes new profiles over and keeps the old ones if they are wrong) {
  start(two_agents);
  write_profiles(R"({"default": "sales", "profiles": {"sales": {"voise": "marin"}}})");
  server.signal(SIGHUP);
  CAF_REQUIRE(wait_until([&] { return log_has("profiles.sales.voise: is not known"); }));
  place_calls("before", {"--hangup-after", "1"});
  CAF_CHECK_EQUAL(agent(), "reception");
  write_profiles(R"({"default": "sales", "profiles": {"sales": {}}})");
  server.signal(SIGHUP);
  CAF_REQUIRE(wait_until([&] { return log_has("profiles taken over"); }));
  place_calls("after", {"--hangup-after", "1"});
  CAF_CHECK_EQUAL(agent(), "sales");
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(a caller for whom there is no room hears a busy tone if the profile wants it) {
  start(R"({"default": "a", "profiles": {"a": {"when_full": "reject_busy"}}})",
        {{"MAX_CONCURRENT_CALLS", "1"}});
  start_calls("first", {"--hangup-after", "8"});
  CAF_REQUIRE(wait_until([&] { return active_calls() == 1; }));
  place_calls("second", {"--hangup-after", "1", "--expect-rejected"});
  CAF_CHECK_EQUAL(report("second")["calls"][0]["status"].get<std::string>(), "busy");
  CAF_CHECK_EQUAL(finish_calls("first"), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
