#define CAF_SUITE journal_sweep
#define FAIL CAF_FAIL
#include "storage/journal_sweep.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <caf/test/dsl.hpp>

using namespace switchboard::storage;
using switchboard::test::temporary_directory;
namespace fs = std::filesystem;

namespace {

/// A file last written at the given second since the epoch.
void put(const fs::path& path, int64_t written_s) {
  fs::create_directories(path.parent_path());
  std::ofstream{path} << "x";
  const timespec times[2] = {{written_s, 0}, {written_s, 0}};
  CAF_REQUIRE_EQUAL(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

} // namespace

CAF_TEST(only an old journal with its recording beside it is removed) {
  temporary_directory place;
  const fs::path root = place.path();
  put(root / "2026-01-01/old.journal", 1000);
  put(root / "2026-01-01/old.wav", 1000);
  put(root / "2026-01-01/unsealed.journal", 1000);
  put(root / "2026-01-01/young.journal", 3000);
  put(root / "2026-01-01/young.wav", 3000);
  const auto report = sweep_journals(root.string(), 2'000'000);
  CAF_CHECK_EQUAL(report.removed, 1u);
  CAF_CHECK_EQUAL(report.failed, 0u);
  CAF_CHECK(!fs::exists(root / "2026-01-01/old.journal"));
  CAF_CHECK(fs::exists(root / "2026-01-01/old.wav"));
  CAF_CHECK(fs::exists(root / "2026-01-01/unsealed.journal"));
  CAF_CHECK(fs::exists(root / "2026-01-01/young.journal"));
}

CAF_TEST(a storage path that is not there is a failure and no end) {
  CAF_CHECK_EQUAL(sweep_journals("/nowhere/at/all", 0).failed, 1u);
}
