#define CAF_SUITE faults
#define FAIL CAF_FAIL
#include "tests/end_to_end/sound.hpp"
#include "tests/end_to_end/world.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

constexpr const char* all_of_it = "size=4m"; // seconds of a call; a WAV takes 64 KB of each

/// A small volume of its own for one folder, taken away with the object.
class small_volume {
public:
  explicit small_volume(std::string folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, all_of_it) == 0;
  }
  ~small_volume() {
    if (mounted_)
      ::umount2(folder_.c_str(), MNT_DETACH);
  }
  small_volume(const small_volume&) = delete;
  small_volume& operator=(const small_volume&) = delete;
  bool mounted() const { return mounted_; }

  /// To the last byte.
  void fill() const {
    std::ofstream out{filler(), std::ios::binary};
    const std::string piece(4096, 'x');
    while (out.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush()) {
    }
  }
  void make_room() const { std::filesystem::remove(filler()); }

private:
  std::string filler() const { return folder_ + "/filler"; }
  std::string folder_;
  bool mounted_ = false;
};

struct fixture : world {
  std::string database() const { return path("data/switchboard.db"); }

  bool not_ready(const std::string& why) const {
    return wait_until([&] {
      const auto answer = get("/ready");
      return answer.status == 503 && answer.body.find(why) != std::string::npos;
    });
  }
  bool ready() const {
    return wait_until([&] { return get("/ready").status == 200; });
  }
  int active_calls() const { return json::parse(get("/health").body)["activeCalls"]; }
  /// What /metrics says of a name with its labels; -1 if it is not there.
  double metric(const std::string& name) const {
    const auto page = get("/metrics").body;
    const auto at = page.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::strtod(&page[at + name.size() + 2], nullptr);
  }
  process watch_events(const std::string& file) const {
    return {"/usr/bin/curl", {"-sN", url("/api/status")}, {{"PATH", "/usr/bin"}}, path(file)};
  }
  bool told(const std::string& file, const std::string& code) const {
    return wait_until([&] {
      return read_file(path(file)).find("\"code\":\"" + code + "\"") != std::string::npos;
    });
  }
  /// Python holds a lock on the database until it is ended. @param statement BEGIN ...
  process lock_database(const std::string& statement) const {
    std::filesystem::remove(path("locked"));
    const std::string program = "import sqlite3,sys,time\n"
                                "c=sqlite3.connect(sys.argv[1],isolation_level=None,timeout=60)\n"
                                "c.execute(sys.argv[2])\n"
                                "open(sys.argv[3],'w').write('x')\n"
                                "time.sleep(600)\n";
    process locker{"/usr/bin/python3",
                   {"-c", program, database(), statement, path("locked")},
                   {{"PATH", "/usr/bin"}},
                   path("locker.log")};
    wait_until([&] { return !read_file(path("locked")).empty(); });
    return locker;
  }
  /// The exit code of a server that is to refuse its start; what it says is in `refused`.
  int refused_start() const {
    process run{binary("switchboard"),
                {"serve"},
                {{"PORT", "0"},
                 {"APP_ENV", "test"},
                 {"TWILIO_ACCOUNT_SID", account},
                 {"TWILIO_AUTH_TOKEN", auth_token},
                 {"TWILIO_PHONE_NUMBER", "+15550100002"},
                 {"OPENAI_API_KEY", "x"},
                 {"DATABASE_URL", "file:" + database()},
                 {"RECORDING_STORAGE_PATH", path("data/recordings")}},
                path("refused")};
    return run.wait(seconds{15});
  }
  bool refusal_says(const std::string& words) const {
    return read_file(path("refused")).find(words) != std::string::npos;
  }
  void write_database(const std::string& bytes) const {
    std::filesystem::create_directories(path("data"));
    std::ofstream{database(), std::ios::binary} << bytes;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(faults_tests, fixture)

CAF_TEST(a disk that is full for a while costs neither the call nor a word of its recording) {
  small_volume disk{path("data/recordings")};
  if (!disk.mounted()) {
    CAF_MESSAGE("no small volume can be mounted here: nothing is tested");
    return;
  }
  start_model();
  start_server({{"DISK_FREE_MIN_MB", "1"}});
  auto viewer = watch_events("sse");
  start_calls("live", {"--say-at", "1:" + speech("caller_1.wav"), "--say-at",
                       "7:" + speech("caller_2.wav"), "--hangup-after", "11"});
  CAF_REQUIRE(wait_until([&] { return active_calls() == 1; }));
  CAF_REQUIRE(ready());
  disk.fill();
  CAF_CHECK(not_ready("recordings cannot be written"));
  CAF_CHECK(told("sse", "RECORDING_FAILED"));
  CAF_CHECK(told("sse", "DISK_LOW"));
  CAF_CHECK_EQUAL(metric("switchboard_recorders_failing"), 1);
  CAF_CHECK_EQUAL(metric("switchboard_disk_low{of=\"recordings\"}"), 1);
  CAF_CHECK_EQUAL(place_calls("late", {"--hangup-after", "1", "--expect-rejected"}), 0);
  CAF_CHECK_EQUAL(active_calls(), 1);
  disk.make_room();
  CAF_CHECK(ready());
  CAF_CHECK_EQUAL(finish_calls("live"), 0);
  CAF_REQUIRE(wait_for_recordings(1));
  const auto call = calls().at(0);
  CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
  const auto wav =
      load_sound(path("data/recordings/" + call["recordings"][0]["filePath"].get<std::string>()));
  CAF_CHECK_GREATER(wav.seconds(), 10.0);
  // Both clips are where they were said, the one before the fault and the one after it.
  CAF_REQUIRE_EQUAL(wav.tracks.size(), 2u);
  const auto heard = at_8k(wav, 0);
  const auto said = at_8k(load_sound(speech("caller_2.wav")), 0);
  CAF_CHECK_GREATER(correlate(said, part_of(heard, 7, 3), 200).correlation, 0.8);
  CAF_CHECK_EQUAL(metric("switchboard_journal_lost_bytes_total"), 0);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(a full disk under the database costs neither the call nor its rows) {
  small_volume disk{path("data")};
  if (!disk.mounted()) {
    CAF_MESSAGE("no small volume can be mounted here: nothing is tested");
    return;
  }
  start_model();
  start_server({{"RECORDING_STORAGE_PATH", path("recordings")}, {"DISK_FREE_MIN_MB", "0"}});
  auto viewer = watch_events("sse");
  start_calls("live", {"--say-at", "1:" + speech("caller_1.wav"), "--say-at",
                       "7:" + speech("caller_2.wav"), "--hangup-after", "11"});
  CAF_REQUIRE(wait_until([&] { return active_calls() == 1; }));
  disk.fill();
  CAF_CHECK(not_ready("the database does not work"));
  CAF_CHECK(told("sse", "DATABASE_FAILED"));
  CAF_CHECK_EQUAL(metric("switchboard_recorders_failing"), 0); // the recordings' disk is fine
  CAF_CHECK_EQUAL(place_calls("late", {"--hangup-after", "1", "--expect-rejected"}), 0);
  CAF_CHECK_EQUAL(active_calls(), 1);
  disk.make_room();
  CAF_CHECK(ready());
  CAF_CHECK_EQUAL(finish_calls("live"), 0);
  CAF_REQUIRE(wait_for_recordings(1));
  const auto call = calls().at(0);
  CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
  CAF_CHECK_GREATER_OR_EQUAL(call["transcripts"].size(), 4u); // two turns each way
  CAF_CHECK_GREATER_OR_EQUAL(call["analytics"].size(), 1u);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(a disk that is low may cost new calls their recording instead of their connection) {
  small_volume disk{path("data/recordings")};
  if (!disk.mounted()) {
    CAF_MESSAGE("no small volume can be mounted here: nothing is tested");
    return;
  }
  start_model();
  start_server({{"DISK_FREE_MIN_MB", "1"}, {"DISK_LOW_ACTION", "stop_recording"}});
  auto viewer = watch_events("sse");
  const auto is_low = [&](int low) {
    return wait_until([&] { return metric("switchboard_disk_low{of=\"recordings\"}") == low; });
  };
  CAF_REQUIRE(is_low(0));
  disk.fill();
  CAF_REQUIRE(is_low(1));
  CAF_CHECK_EQUAL(place_calls("unrecorded", {"--hangup-after", "2"}), 0);
  CAF_CHECK(told("sse", "NOT_RECORDED"));
  CAF_REQUIRE(wait_until([&] { return calls().at(0)["status"] == "completed"; }));
  CAF_CHECK(calls().at(0)["recordings"].empty());
  CAF_CHECK_EQUAL(calls().at(0)["transcripts"].size(), 1u);
  disk.make_room();
  CAF_REQUIRE(is_low(0));
  CAF_CHECK_EQUAL(place_calls("recorded", {"--hangup-after", "2"}), 0);
  CAF_CHECK(wait_until([&] { return calls().at(0)["recordings"].size() == 1; }));
}

/// Root may write anywhere, so the server runs as nobody.
CAF_TEST(a folder that may not be written any more and then may again loses no recording) {
  if (geteuid() != 0) {
    CAF_MESSAGE("not root: the server cannot be run as somebody else, nothing to test");
    return;
  }
  constexpr uid_t nobody = 65534;
  std::filesystem::create_directories(path("data/recordings"));
  const auto give_to = [&](const std::string& folder, uid_t owner) {
    CAF_REQUIRE_EQUAL(::chown(folder.c_str(), owner, owner), 0);
  };
  for (const auto* folder : {".", "data", "data/recordings"})
    give_to(path(folder), nobody);
  const auto id = std::to_string(nobody);
  run_server_by = {"/usr/bin/setpriv", "--reuid", id, "--regid", id, "--clear-groups"};
  start_model();
  start_server();
  auto viewer = watch_events("sse");
  CAF_REQUIRE(ready());
  give_to(path("data/recordings"), 0);
  std::filesystem::permissions(path("data/recordings"), std::filesystem::perms::owner_all);
  CAF_CHECK(told("sse", "DISK_NOT_WRITABLE"));
  start_calls("live", {"--say-at", "1:" + speech("caller_1.wav"), "--hangup-after", "8"});
  CAF_CHECK(told("sse", "RECORDING_FAILED"));
  CAF_CHECK(not_ready("recordings cannot be written"));
  give_to(path("data/recordings"), nobody);
  CAF_CHECK_EQUAL(finish_calls("live"), 0);
  CAF_REQUIRE(wait_for_recordings(1));
  CAF_CHECK(ready());
  CAF_CHECK_EQUAL(metric("switchboard_journal_lost_bytes_total"), 0);
  const auto call = calls().at(0);
  const auto wav =
      load_sound(path("data/recordings/" + call["recordings"][0]["filePath"].get<std::string>()));
  const auto said = at_8k(load_sound(speech("caller_1.wav")), 0);
  CAF_CHECK_GREATER(correlate(said, part_of(at_8k(wav, 0), 1, 3), 200).correlation, 0.8);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(while another process locks the database the call goes on and its rows follow) {
  start_model();
  start_server();
  auto viewer = watch_events("sse");
  start_calls("live", {"--say-at", "1:" + speech("caller_1.wav"), "--hangup-after", "9"});
  CAF_REQUIRE(wait_until([&] { return active_calls() == 1; }));
  auto locker = lock_database("BEGIN IMMEDIATE");
  CAF_CHECK(not_ready("the database does not work"));
  CAF_CHECK(told("sse", "DATABASE_FAILED"));
  CAF_CHECK_EQUAL(place_calls("late", {"--hangup-after", "1", "--expect-rejected"}), 0);
  CAF_CHECK_EQUAL(finish_calls("live"), 0); // its end meets the lock, too
  locker = process{};
  CAF_CHECK(ready());
  CAF_REQUIRE(wait_for_recordings(1));
  const auto call = calls().at(0);
  CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
  CAF_CHECK_GREATER_OR_EQUAL(call["transcripts"].size(), 2u);
  CAF_CHECK_GREATER_OR_EQUAL(call["analytics"].size(), 1u);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(a database that is not one stops the start and is not touched) {
  const std::string garbage(8192, 'g');
  write_database(garbage);
  CAF_CHECK_EQUAL(refused_start(), 2);
  CAF_CHECK(refusal_says(database()));
  CAF_CHECK(refusal_says("corrupt"));
  CAF_CHECK(read_file(database()) == garbage);
}

CAF_TEST(a database with a broken page stops the start and is not touched) {
  start_model();
  start_server();
  CAF_CHECK_EQUAL(stop_server(), 0);
  auto bytes = read_file(database());
  std::fill(bytes.begin() + 100, bytes.begin() + 4096, '\xff'); // the schema; the header is good
  write_database(bytes);
  CAF_CHECK_EQUAL(refused_start(), 2);
  CAF_CHECK(refusal_says("corrupt"));
  CAF_CHECK(read_file(database()) == bytes);
}

CAF_TEST(a database that another process keeps for itself stops the start in time) {
  std::filesystem::create_directories(path("data"));
  auto locker = lock_database("BEGIN EXCLUSIVE");
  CAF_CHECK_EQUAL(refused_start(), 2);
  CAF_CHECK(refusal_says("busy"));
}

CAF_TEST_FIXTURE_SCOPE_END()
