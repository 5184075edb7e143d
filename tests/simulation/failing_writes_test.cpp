#define CAF_SUITE failing_writes
#define FAIL CAF_FAIL
#include "tests/simulation/stored_call.hpp"

using namespace switchboard;
using namespace switchboard::test;

namespace {

struct fixture {
  temporary_directory root;
  std::string database = root / "migrated.db";
  call_records expected; ///< of a call of which no write fails

  fixture() {
    CAF_REQUIRE(storage::migrate(database));
    stored_call call{database, 0, false};
    call.play();
    expected = call.read();
  }

  /// @param may_refuse a call may be refused, and then there is nothing to keep of it.
  std::string wrong_with(const call_records& got, const std::vector<std::string>& dead,
                         bool may_refuse) const {
    std::string wrong;
    for (auto& name : dead)
      wrong += "the " + name + " is dead; ";
    if (!got.answered)
      return may_refuse ? wrong : wrong + "the call was not answered; ";
    if (!got.row)
      return wrong + "the call has no row; ";
    if (got.row->call.status == storage::call_status::active || !got.row->call.end_time)
      wrong += "the row is not ended; ";
    if (got.said != expected.said)
      wrong += std::to_string(got.said.size()) + " turns; ";
    if (got.row->analytics.empty())
      wrong += "no figures; ";
    if (got.row->recordings.size() != 1)
      wrong += std::to_string(got.row->recordings.size()) + " recordings; ";
    else if (got.recording_sha256() != expected.recording_sha256())
      wrong += "another recording of " + std::to_string(got.row->recordings[0].duration_s) + " s; ";
    return wrong;
  }

  /// Fails the first write, the second, ... until a run has fewer.
  void fail_each(bool lasting) {
    uint64_t n = 0;
    uint64_t needed_recovery = 0;
    for (bool failed = true; failed;) {
      stored_call call{database, ++n, lasting};
      call.play();
      failed = call.failed_writes() > 0;
      needed_recovery += wrong_with(call.read(), call.dead(), lasting).empty() ? 0 : 1;
      call.recover();
      const auto wrong = wrong_with(call.read(), call.dead(), lasting);
      if (!wrong.empty())
        CAF_ERROR("write " << n << (lasting ? " and all after it: " : ": ") << wrong);
    }
    CAF_MESSAGE(n - 1 << " writes; " << needed_recovery << " runs needed the recovery");
    CAF_CHECK_GREATER(n, 50u); // writes were counted at all
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(failing_writes_tests, fixture)

CAF_TEST(a call whose writes all work has all its records) {
  CAF_REQUIRE(expected.row);
  CAF_CHECK(expected.answered);
  CAF_CHECK(expected.row->call.status == storage::call_status::completed);
  CAF_CHECK_EQUAL(expected.said.size(), 4u);
  CAF_CHECK_EQUAL(expected.row->recordings.size(), 1u);
  CAF_CHECK(!expected.row->analytics.empty());
}

CAF_TEST(whichever write fails no call is lost and nothing dies) {
  fail_each(false);
}

CAF_TEST(whichever write fails first of all until the disk is mended nothing of the call is lost) {
  fail_each(true);
}

CAF_TEST_FIXTURE_SCOPE_END()
