#define CAF_SUITE write_ahead_log
#define FAIL CAF_FAIL
#include "conf/defaults/storage.hpp"
#include "tests/storage/store_fixture.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;

namespace {

namespace limits = defaults::storage;

struct fixture : test::store_fixture {
  uintmax_t log_bytes() const { return std::filesystem::file_size(path + "-wal"); }

  void write(int from, int count) {
    for (int i = from; i < from + count; i += 100) {
      CAF_REQUIRE(store->begin());
      for (int j = i; j < i + 100; ++j) {
        say(add("CA" + std::to_string(j)), std::string(400, 'w'));
      }
      CAF_REQUIRE(store->commit());
    }
  }
};

/// A frame is a page and its header; one transaction may go beyond the limit before it is folded
/// in.
constexpr uintmax_t frame_bytes = 4096 + 24;
constexpr uintmax_t slack = 2;

} // namespace

CAF_TEST_FIXTURE_SCOPE(write_ahead_log_tests, fixture)

CAF_TEST(the log does not grow with what is written) {
  auto reader = open(true);
  CAF_REQUIRE(reader);
  uintmax_t largest = 0;
  for (int i = 0; i < 50; ++i) {
    write(i * 200, 200);
    CAF_REQUIRE(reader->search_calls({})); // readers come and go
    largest = std::max(largest, log_bytes());
  }
  CAF_CHECK_LESS(largest, slack * limits::wal_checkpoint_pages * frame_bytes);
}

CAF_TEST(a checkpoint empties the log and loses nothing) {
  write(0, 200);
  CAF_REQUIRE_GREATER(log_bytes(), 0u);
  CAF_REQUIRE(store->checkpoint());
  CAF_CHECK_EQUAL(log_bytes(), 0u);
  CAF_CHECK(open(true)->search_calls({})->total == 200);
}

CAF_TEST(a checkpoint does not wait for a reader and a later one catches up) {
  write(0, 100);
  SQLite::Database reader(path, SQLite::OPEN_READONLY);
  reader.exec("BEGIN");
  reader.execAndGet("SELECT count(*) FROM calls");
  write(100, 100);
  CAF_CHECK(store->checkpoint()); // as far as it goes
  CAF_CHECK_GREATER(log_bytes(), 0u);
  CAF_CHECK_EQUAL(reader.execAndGet("SELECT count(*) FROM calls").getInt(), 100);
  reader.exec("COMMIT");
  CAF_CHECK(store->checkpoint());
  CAF_CHECK_EQUAL(log_bytes(), 0u);
}

CAF_TEST(a checkpoint inside a group is refused) {
  CAF_REQUIRE(store->begin());
  CAF_CHECK(store->checkpoint().code() == storage_error::bad_argument);
  CAF_CHECK(store->commit());
}

CAF_TEST_FIXTURE_SCOPE_END()
