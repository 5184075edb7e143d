#define CAF_SUITE faults
#define FAIL CAF_FAIL
#include "tests/end_to_end/faulty_world.hpp"
#include "tests/end_to_end/sound.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
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
    if (!mounted_)
      CAF_MESSAGE("no small volume (" << std::strerror(errno) << "): nothing is tested");
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

struct fixture : faulty_world {
  /// A call that is there when the fault comes: something is said before it and after it.
  void start_live_call() {
    start_calls("live", {"--say-at", "1:" + speech("caller_1.wav"), "--say-at",
                         "7:" + speech("caller_2.wav"), "--hangup-after", "11"});
    CAF_REQUIRE(wait_until([&] { return active_calls() == 1; }));
  }
  /// New calls are turned away, and the live one stays.
  void check_only_live_call() {
    CAF_CHECK_EQUAL(place_calls("late", {"--hangup-after", "1", "--expect-rejected"}), 0);
    CAF_CHECK_EQUAL(active_calls(), 1);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(faults_tests, fixture)

CAF_TEST(a disk that is full for a while costs neither the call nor a word of its recording) {
  small_volume disk{path("data/recordings")};
  if (!disk.mounted())
    return;
  start_model();
  start_server({{"DISK_FREE_MIN_MB", "1"}});
  auto viewer = watch_events("sse");
  start_live_call();
  CAF_REQUIRE(ready());
  disk.fill();
  CAF_CHECK(not_ready("recordings cannot be written"));
  CAF_CHECK(told("sse", "RECORDING_FAILED"));
  CAF_CHECK(told("sse", "DISK_LOW"));
  CAF_CHECK_EQUAL(metric("switchboard_recorders_failing"), 1);
  CAF_CHECK_EQUAL(metric("switchboard_disk_low{of=\"recordings\"}"), 1);
  check_only_live_call();
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
  if (!disk.mounted())
    return;
  start_model();
  start_server({{"RECORDING_STORAGE_PATH", path("recordings")}, {"DISK_FREE_MIN_MB", "0"}});
  auto viewer = watch_events("sse");
  start_live_call();
  disk.fill();
  CAF_CHECK(not_ready("the database does not work"));
  CAF_CHECK(told("sse", "DATABASE_FAILED"));
  CAF_CHECK_EQUAL(metric("switchboard_recorders_failing"), 0); // the recordings' disk is fine
  check_only_live_call();
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
  if (!disk.mounted())
    return;
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

CAF_TEST_FIXTURE_SCOPE_END()
