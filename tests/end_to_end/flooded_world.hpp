#pragma once

// Included by the suites of floods, after CAF_SUITE.

#include "tests/end_to_end/flood.hpp"
#include "tests/end_to_end/world.hpp"

#include <algorithm>
#include <map>

#include <caf/test/dsl.hpp>

namespace e2e {

constexpr int live_calls = 4;
/// With dead connections of all kinds the server may grow by 64 KiB each, and 32 MiB beside.
inline long allowed_kib(const flood_size& size) {
  const auto connections =
      size.idle + size.trickling + size.event_readers + size.event_sleepers + size.bad_per_turn;
  return 32 * 1024 + 64 * static_cast<long>(connections);
}

/// Calls and a crowd that means harm, at the same server.
struct flooded_world : world {
  long most_kib = 0;

  void note_memory() { most_kib = std::max(most_kib, server.resident_kib()); }

  /// Live events of 100 KB each, until each client that does not read was dropped once.
  bool publish_until_dropped(const std::string& call_id, const flood& crowd, size_t sleepers) {
    const std::string note = R"({"notes":")" + std::string(100'000, 'n') + "\"}";
    return wait_until(
        [&] {
          for (int i = 0; i < 5; ++i)
            post("/api/calls/" + call_id + "/notes", note, {"Content-Type: application/json"});
          note_memory();
          const auto log = server_log();
          size_t dropped = 0;
          for (size_t at = 0; (at = log.find("reads too slowly", at)) != std::string::npos; ++at)
            ++dropped;
          return dropped >= sleepers && crowd.thrown_out() > 0;
        },
        seconds{60});
  }

  void check_calls() {
    std::map<std::string, int> sent;
    const auto carrier = report("honest");
    for (auto& call : carrier["calls"])
      sent[call["callSid"]] = call["totals"]["framesSent"].get<int>();
    const auto rows = calls();
    CAF_CHECK_EQUAL(rows.size(), static_cast<size_t>(live_calls));
    for (auto& call : rows) {
      CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
      CAF_CHECK_EQUAL(call["recordings"].size(), 1u);
      const auto metrics = json::parse(call["analytics"][0]["metrics"].get<std::string>());
      CAF_CHECK_EQUAL(metrics["framesIn"].get<int>(), sent.at(call["callSid"]));
    }
  }

  void survive(const flood_size& size) {
    start_model();
    start_server({{"LOG_LEVEL", "warn"}});
    start_calls("honest", {"--calls", std::to_string(live_calls), "--hangup-after", "40"});
    CAF_REQUIRE(wait_until([&] { return active_calls() == live_calls && calls().size() > 0; }));
    const auto call_id = calls()[0]["id"].get<std::string>();
    const auto before_kib = server.resident_kib();
    flood crowd{port(), size};
    CAF_CHECK(wait_until([&] {
      note_memory();
      return crowd.listening() >= size.event_readers + size.event_sleepers;
    }));
    CAF_CHECK(publish_until_dropped(call_id, crowd, size.event_sleepers));
    CAF_CHECK(wait_until(
        [&] {
          note_memory();
          return crowd.turns() >= 200;
        },
        seconds{60}));
    CAF_CHECK(!memory_can_be_judged || most_kib - before_kib < allowed_kib(size));
    CAF_MESSAGE("grew by " << most_kib - before_kib << " KiB of " << allowed_kib(size));
    crowd.stop();
    CAF_CHECK(wait_until([&] { return get("/ready").status == 200; }, seconds{5}));
    CAF_CHECK_EQUAL(get("/api/calls").status, 200);
    CAF_CHECK_EQUAL(finish_calls("honest"), 0);
    CAF_REQUIRE(wait_for_recordings(live_calls));
    check_calls();
    CAF_CHECK_EQUAL(stop_server(), 0);
  }
};

} // namespace e2e
