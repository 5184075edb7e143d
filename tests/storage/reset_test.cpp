#define CAF_SUITE reset
#define FAIL CAF_FAIL
#include "storage/reset.hpp"
#include "tests/storage/store_fixture.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;
namespace fs = std::filesystem;

namespace {

struct fixture : test::store_fixture {
  std::string recordings = root / "recordings";

  void put(const std::string& name) const {
    fs::create_directories(fs::path{recordings + "/" + name}.parent_path());
    test::write_file(recordings + "/" + name, {'x'});
  }
  bool is_there(const std::string& name) const { return fs::exists(recordings + "/" + name); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(reset_tests, fixture)

CAF_TEST(database and recordings and journals go and nothing else does) {
  store.reset();
  for (const auto* name : {"2026-01-02/a-1.wav", "2026-01-02/a-1.journal",
                           "2026-01-02/a-1.wav.part", "2026-01-02/a-1.journal.corrupt-7"}) {
    put(name);
  }
  put("holidays/photo.wav");
  put("notes.txt");
  put("2026-01-03/.hidden");
  test::write_file(path + ".before-v2", {'x'});
  test::write_file(root / "data/url-signing.key", {'k'});
  test::write_file(root / "data/other.db", {'k'});
  const auto report = reset_data(path, recordings);
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->recording_files, 4u);
  CAF_CHECK_EQUAL(report->kept_files, 1u);
  CAF_CHECK_GREATER_OR_EQUAL(report->database_files, 2u);
  CAF_CHECK(!fs::exists(path));
  CAF_CHECK(!fs::exists(path + ".before-v2"));
  CAF_CHECK(!is_there("2026-01-02"));
  CAF_CHECK(is_there("holidays/photo.wav"));
  CAF_CHECK(is_there("notes.txt"));
  CAF_CHECK(is_there("2026-01-03/.hidden"));
  CAF_CHECK(fs::exists(root / "data/url-signing.key"));
  CAF_CHECK(fs::exists(root / "data/other.db"));
}

CAF_TEST(links out of the storage path are not followed) {
  put("2026-01-02/a.wav");
  fs::create_directories(root / "outside");
  test::write_file(root / "outside/b.wav", {'x'});
  fs::create_directory_symlink(root / "outside", recordings + "/2026-01-05");
  fs::create_symlink(root / "outside/b.wav", recordings + "/2026-01-02/link.wav");
  CAF_REQUIRE(reset_data(path, recordings));
  CAF_CHECK(fs::exists(root / "outside/b.wav"));
  CAF_CHECK(!is_there("2026-01-02/a.wav"));
}

CAF_TEST(nothing there is nothing to do) {
  const auto report = reset_data(root / "nowhere/db", root / "nowhere/recordings");
  CAF_REQUIRE(report);
  CAF_CHECK_EQUAL(report->database_files + report->recording_files, 0u);
}

CAF_TEST(a folder that may not be written is told) {
  put("2026-01-02/a.wav");
  ::chmod((recordings + "/2026-01-02").c_str(), 0555);
  {
    test::without_privilege user;
    CAF_CHECK(!reset_data(path, recordings));
  }
  ::chmod((recordings + "/2026-01-02").c_str(), 0755);
  CAF_CHECK(fs::exists(path)); // recordings go first: it can be done again
}

CAF_TEST_FIXTURE_SCOPE_END()
