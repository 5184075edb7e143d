#define CAF_SUITE disk_writer_sync
#define FAIL CAF_FAIL
#include "actors/disk_actor.hpp"
#include "storage/journal.hpp"
#include "tests/actors/virtual_world.hpp"

using namespace switchboard;
using namespace switchboard::actors;
using namespace std::chrono_literals;
using storage::nothing;
using storage::result;

namespace {

/// Notes what becomes of it: w for an append, b and s for a sync that begins and is done.
class noted_file : public storage::journal_file {
public:
  noted_file(std::string& log, const std::string& path) : log_(log), path_(path) {}
  result<nothing> append(audio::byte_view) override { return note("w"); }
  void begin_sync() override { note("b"); }
  result<nothing> sync() override { return note("s"); }
  uint64_t size_bytes() const override { return 0; }

private:
  result<nothing> note(const char* what) {
    log_ += what + path_ + " ";
    return nothing{};
  }
  std::string& log_;
  std::string path_;
};

struct fixture : test::virtual_world {
  std::string log;

  disk_writer_actor writer_of(std::chrono::milliseconds sync_after) {
    return keep(spawn_disk_writer(
        sys,
        [this](const std::string& path) -> result<std::unique_ptr<storage::journal_file>> {
          return {std::make_unique<noted_file>(log, path)};
        },
        sync_after, false));
  }
  void append(const disk_writer_actor& writer, const std::string& path) {
    journal_appends one{
        {std::make_shared<append_ticket>(), std::make_shared<const std::string>(path)}};
    ask<uint64_t>(writer, atom::facts_v, one);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(disk_writer_sync_tests, fixture)

CAF_TEST(journals that are due soon are synced along with the first and none is late) {
  auto writer = writer_of(5s);
  append(writer, "a");
  pass(400ms);
  append(writer, "b");
  append(writer, "a");
  pass(400ms);
  append(writer, "c"); // due too long after the first
  log.clear();
  pass(4100ms);
  CAF_CHECK_EQUAL(log, "");
  pass(100ms); // five seconds after the first
  CAF_CHECK_EQUAL(log, "ba bb sa sb ");
  log.clear();
  pass(700ms);
  CAF_CHECK_EQUAL(log, "");
  pass(100ms);
  CAF_CHECK_EQUAL(log, "bc sc ");
  log.clear();
  append(writer, "a"); // a new write is a new promise
  pass(5s);
  CAF_CHECK_EQUAL(log, "wa ba sa ");
}

CAF_TEST(the shortest promise is kept) {
  auto writer = writer_of(100ms);
  append(writer, "a");
  pass(100ms, 10ms);
  CAF_CHECK_EQUAL(log, "wa ba sa ");
  append(writer, "a");
  log.clear();
  pass(90ms, 10ms);
  CAF_CHECK_EQUAL(log, "");
  pass(10ms, 10ms);
  CAF_CHECK_EQUAL(log, "ba sa ");
  log.clear();
  pass(5s);
  CAF_CHECK_EQUAL(log, ""); // nothing is synced that was synced
}

CAF_TEST_FIXTURE_SCOPE_END()
