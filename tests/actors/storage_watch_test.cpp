#define CAF_SUITE storage_watch
#define FAIL CAF_FAIL
#include "actors/storage_watch.hpp"
#include "conf/defaults/node.hpp"
#include "tests/actors/fakes.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace switchboard::test;
using namespace std::chrono_literals;

namespace {

constexpr uint64_t mark = 1000;
using codes = std::vector<std::string>;

struct fixture : faked_world {
  node_state_ptr node = std::make_shared<node_state>();
  std::map<std::string, storage::volume_state> volumes{{"rec", {5000, true}}, {"db", {5000, true}}};

  storage_health& begin(bool stop_recording = false, bool recording = true, uint64_t min = mark) {
    storage_watch_setup setup;
    setup.recording_folder = "rec";
    setup.database_folder = "db";
    setup.free_min_bytes = min;
    setup.stop_recording = stop_recording;
    setup.recording = recording;
    setup.feed = feed;
    setup.node = node;
    setup.look = [this](const std::string& folder) { return volumes[folder]; };
    setup.detached = false;
    keep(spawn_storage_watch(sys, setup));
    settle();
    return node->storage;
  }
  void look_again() { pass(defaults::node::storage_look_interval); }
  void free(const std::string& volume, uint64_t bytes) {
    volumes[volume].free_bytes = bytes;
    look_again();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(storage_watch_tests, fixture)

CAF_TEST(it looks at once and what it sees can be asked by anybody) {
  volumes["rec"] = {4000, true};
  auto& seen = begin();
  CAF_CHECK_EQUAL(seen.recording_free_bytes.load(), 4000u);
  CAF_CHECK_EQUAL(seen.database_free_bytes.load(), 5000u);
  CAF_CHECK(!seen.refusing);
}

CAF_TEST(calls are refused below the mark and taken again when there is a little more than it) {
  auto& seen = begin();
  free("rec", mark);
  CAF_CHECK(!seen.refusing);
  free("rec", mark - 1);
  CAF_CHECK(seen.refusing);
  CAF_CHECK(!seen.not_recording);
  free("rec", mark + 99); // 110 % are needed
  CAF_CHECK(seen.refusing);
  CAF_CHECK(events->error_codes() == codes{"DISK_LOW"});
  free("rec", mark + 100);
  CAF_CHECK(!seen.refusing);
  free("rec", 0);
  CAF_CHECK(events->error_codes() == (codes{"DISK_LOW", "DISK_LOW"}));
}

CAF_TEST(by configuration recording gives way and calls go on) {
  auto& seen = begin(true);
  free("rec", 0);
  CAF_CHECK(seen.not_recording);
  CAF_CHECK(!seen.refusing);
  free("rec", 5000);
  CAF_CHECK(!seen.not_recording);
}

CAF_TEST(without room for the database no call is taken whatever the configuration) {
  auto& seen = begin(true);
  free("db", 0);
  CAF_CHECK(seen.refusing);
  CAF_CHECK(!seen.not_recording);
}

CAF_TEST(a node that does not record does not care for that volume) {
  auto& seen = begin(false, false);
  volumes["rec"] = {0, false};
  look_again();
  CAF_CHECK(!seen.refusing);
  CAF_CHECK(node->recording_ok());
}

CAF_TEST(without a mark nothing is low) {
  auto& seen = begin(false, true, 0);
  free("rec", 0);
  free("db", 0);
  CAF_CHECK(!seen.refusing);
}

CAF_TEST(a folder that may not be written is told once and heals) {
  begin();
  volumes["rec"].writable = false;
  look_again();
  look_again();
  CAF_CHECK(!node->recording_ok());
  CAF_CHECK(events->error_codes() == codes{"DISK_NOT_WRITABLE"});
  volumes["rec"].writable = true;
  look_again();
  CAF_CHECK(node->recording_ok());
  volumes["db"].writable = false;
  look_again();
  CAF_CHECK(!node->storage.database_writable);
}

CAF_TEST(a database that fails is told once each time) {
  begin();
  node->database_ok = false;
  look_again();
  look_again();
  CAF_CHECK(events->error_codes() == codes{"DATABASE_FAILED"});
  node->database_ok = true;
  look_again();
  node->database_ok = false;
  look_again();
  CAF_CHECK_EQUAL(events->error_codes().size(), 2u);
}

CAF_TEST_FIXTURE_SCOPE_END()
