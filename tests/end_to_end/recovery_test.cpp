#define CAF_SUITE recovery
#define FAIL CAF_FAIL
#include "tests/end_to_end/sound.hpp"
#include "tests/end_to_end/world.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

/// A server that is killed and comes back at the same address.
struct fixture : world {
  void kill_server() {
    server.signal(SIGKILL);
    server.wait(seconds{10});
  }
  void restart_server(variables settings = {}) {
    settings["PORT"] = std::to_string(port());
    start_server(settings);
  }
  bool wait_until_spoken(size_t turns) const {
    return wait_until([&] {
      const auto rows = calls();
      return !rows.empty() && rows[0]["transcripts"].size() >= turns;
    });
  }
  double wav_seconds(const json& call) const {
    return load_sound(
               path("data/recordings/" + call["recordings"][0]["filePath"].get<std::string>()))
        .seconds();
  }
  int command(const std::string& name, const texts& arguments) {
    texts all{name};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const variables settings{{"DATABASE_URL", "file:" + path("data/switchboard.db")},
                             {"RECORDING_STORAGE_PATH", path("data/recordings")},
                             {"PATH", "/usr/bin:/bin"}};
    process run{binary("switchboard"), all, settings, path(name + ".out")};
    return run.wait(seconds{60});
  }
};

const texts long_call = {"--say-at", "1:" + world::speech("caller_1.wav"), "--hangup-after", "60"};

} // namespace

CAF_TEST_FIXTURE_SCOPE(recovery_tests, fixture)

CAF_TEST(a call whose process was killed and whose carrier is gone is finished as failed) {
  start_model();
  start_server({{"RESUME_WINDOW_S", "1"}});
  start_calls("caller", long_call);
  CAF_REQUIRE(wait_until_spoken(2));
  kill_server();
  finish_calls("caller");
  restart_server({{"RESUME_WINDOW_S", "1"}});
  CAF_REQUIRE(wait_for_recordings(1));
  const auto call = calls().at(0);
  CAF_CHECK_EQUAL(call["status"].get<std::string>(), "failed");
  CAF_CHECK_GREATER_OR_EQUAL(call["transcripts"].size(), 2u);
  CAF_CHECK(!call["endTime"].is_null());
  const auto metrics = json::parse(call["analytics"][0]["metrics"].get<std::string>());
  CAF_CHECK(metrics["recovered"].get<bool>());
  CAF_CHECK_LESS(std::abs(wav_seconds(call) - call["duration"].get<double>()), 1.1);
  // Once more: there is nothing to do, and nothing is doubled.
  kill_server();
  restart_server({{"RESUME_WINDOW_S", "1"}});
  const auto again = calls().at(0);
  CAF_CHECK_EQUAL(again["recordings"].size(), 1u);
  CAF_CHECK_EQUAL(again["updatedAt"], call["updatedAt"]);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(a call that the carrier brings back after a crash goes on with the same row) {
  start_model();
  start_server();
  auto options = long_call;
  options.back() = "14";
  options.insert(options.end(), {"--retry", "10"});
  start_calls("caller", options);
  CAF_REQUIRE(wait_until_spoken(2));
  const auto before = calls().at(0);
  kill_server();
  restart_server();
  finish_calls("caller"); // a stream that broke is a warning to it: not 0
  CAF_REQUIRE(wait_for_recordings(1));
  const auto call = calls().at(0);
  CAF_CHECK_EQUAL(call["id"], before["id"]);
  CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
  const auto streams = report("caller")["calls"][0]["streams"];
  CAF_REQUIRE_EQUAL(streams.size(), 2u);
  CAF_CHECK_EQUAL(call["streamSid"], streams[1]["streamSid"]);
  CAF_CHECK_GREATER_OR_EQUAL(call["transcripts"].size(), before["transcripts"].size());
  // One recording of the whole call, the pause between the processes included.
  CAF_CHECK_LESS(std::abs(wav_seconds(call) - 14.0), 1.0);
  // The new session knows what was said.
  const auto sessions = model_report()["sessions"];
  CAF_REQUIRE_GREATER_OR_EQUAL(sessions.size(), 2u);
  CAF_CHECK_GREATER_OR_EQUAL(sessions.back()["history"].size(), 1u);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(the recover command finishes what a dead server left and says so) {
  start_model();
  start_server();
  start_calls("caller", long_call);
  CAF_REQUIRE(wait_until_spoken(1));
  CAF_CHECK_EQUAL(command("recover", {}), 2); // a server uses the data
  kill_server();
  finish_calls("caller");
  CAF_CHECK_EQUAL(command("recover", {}), 0);
  CAF_CHECK(read_file(path("recover.out")).find("1 calls finished, 1 recordings made") !=
            std::string::npos);
  CAF_CHECK_EQUAL(command("recover", {}), 0);
  restart_server();
  CAF_REQUIRE_EQUAL(calls().size(), 1u);
  CAF_CHECK_EQUAL(calls().at(0)["status"].get<std::string>(), "failed");
  CAF_CHECK_EQUAL(calls().at(0)["recordings"].size(), 1u);
}

CAF_TEST(a call can be exported and its journal looked at) {
  start_model();
  start_server();
  CAF_CHECK_EQUAL(place_calls("caller", {"--hangup-after", "3"}), 0);
  CAF_REQUIRE(wait_for_recordings(1));
  const auto call = calls().at(0);
  const auto id = call["id"].get<std::string>();
  CAF_CHECK_EQUAL(command("export", {id, "--to", path("out")}), 0);
  const auto exported = json::parse(read_file(path("out/call.json")))["data"];
  CAF_CHECK_EQUAL(exported["id"], call["id"]);
  CAF_CHECK_EQUAL(exported["transcripts"], call["transcripts"]);
  CAF_CHECK_EQUAL(
      read_file(path("out/" + id + ".wav")),
      read_file(path("data/recordings/" + call["recordings"][0]["filePath"].get<std::string>())));
  CAF_CHECK_EQUAL(command("export", {"no-such-call"}), 2);
  CAF_CHECK_EQUAL(command("journal", {id, "--json"}), 0);
  const auto records = read_file(path("journal.out"));
  CAF_CHECK(records.find("\"type\":\"call_ended\"") != std::string::npos);
  CAF_CHECK(records.find("\"end\":\"complete\"") != std::string::npos);
  // Cut anywhere, it says so.
  const auto day = call["recordings"][0]["filePath"].get<std::string>().substr(0, 10);
  const auto journal = path("data/recordings/" + day + "/" + id + ".journal");
  std::filesystem::resize_file(journal, std::filesystem::file_size(journal) - 5);
  CAF_CHECK_EQUAL(command("journal", {journal}), 3);
  CAF_CHECK(read_file(path("journal.out")).find("torn_tail: ") != std::string::npos);
}

CAF_TEST(a broken journal is set aside and stops neither the start nor the others) {
  start_model();
  start_server({{"RESUME_WINDOW_S", "1"}});
  start_calls("caller", long_call);
  CAF_REQUIRE(wait_until_spoken(1));
  kill_server();
  finish_calls("caller");
  const auto id = "00000000-0000-4000-8000-000000000000";
  std::filesystem::create_directories(path("data/recordings/2026-01-01"));
  const auto broken = path("data/recordings/2026-01-01/" + std::string{id} + ".journal");
  FILE* file = std::fopen(broken.c_str(), "w");
  std::fputs("this is no journal", file);
  std::fclose(file);
  restart_server({{"RESUME_WINDOW_S", "1"}});
  CAF_REQUIRE(wait_for_recordings(1));
  CAF_CHECK(wait_until([&] { return std::filesystem::exists(broken + ".corrupt"); }));
  CAF_CHECK(!std::filesystem::exists(broken));
}

CAF_TEST_FIXTURE_SCOPE_END()
