#define CAF_SUITE backup
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"

#include <filesystem>

#include <caf/test/dsl.hpp>

using namespace e2e;
namespace fs = std::filesystem;

namespace {

struct fixture : world {
  std::string out;

  int backup(const texts& arguments) {
    fs::remove(path("out"));
    texts all{"backup"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    process program{binary("switchboard"),
                    all,
                    {{"DATABASE_URL", "file:" + path("data/switchboard.db")},
                     {"RECORDING_STORAGE_PATH", path("data/recordings")}},
                    path("out")};
    const int code = program.wait(seconds{60});
    out = read_file(path("out"));
    return code;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(backup_tests, fixture)

CAF_TEST(a backup that is made during a call is restored and served) {
  start_model();
  start_server();
  CAF_REQUIRE_EQUAL(place_calls("first", {"--hangup-after", "4"}), 0);
  CAF_REQUIRE(wait_for_recordings(1));
  const auto before = calls().at(0);
  const auto recording = get("/api/calls/" + before["id"].get<std::string>() + "/recording").body;
  start_calls("second", {"--hangup-after", "8"});
  CAF_REQUIRE(wait_until([&] { return calls().size() == 2; }));
  CAF_REQUIRE_EQUAL(backup({path("copy")}), 0);
  CAF_CHECK(out.find("1 recordings") != std::string::npos);
  CAF_CHECK_EQUAL(finish_calls("second"), 0); // it did not notice
  CAF_CHECK_EQUAL(backup({path("copy"), "--verify"}), 0);
  CAF_CHECK_EQUAL(backup({path("copy")}), 2); // not over a finished one
  CAF_REQUIRE_EQUAL(stop_server(), 0);

  // Restore as the README says: the backup is the data directory.
  fs::remove_all(path("data"));
  fs::copy(path("copy"), path("data"), fs::copy_options::recursive);
  start_server();
  const auto rows = calls();
  CAF_REQUIRE_EQUAL(rows.size(), 2u);
  auto first = rows[1];
  CAF_CHECK_EQUAL(first["id"], before["id"]);
  CAF_CHECK_EQUAL(first["transcripts"], before["transcripts"]);
  CAF_CHECK(get("/api/calls/" + before["id"].get<std::string>() + "/recording").body == recording);
  CAF_CHECK_EQUAL(place_calls("third", {"--hangup-after", "3"}), 0); // and it goes on
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
