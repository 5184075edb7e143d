#define CAF_SUITE volume
#define FAIL CAF_FAIL
#include "storage/volume.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include <caf/test/dsl.hpp>

using namespace switchboard::storage;
using switchboard::test::temporary_directory;

CAF_TEST(a folder that can be written has room and nothing is left in it) {
  temporary_directory folder;
  const auto state = look_at_volume(folder.path());
  CAF_CHECK(state.writable);
  CAF_CHECK_GREATER(state.free_bytes, 0u);
  CAF_CHECK(std::filesystem::is_empty(folder.path()));
}

CAF_TEST(a folder that is not there cannot be written) {
  const auto state = look_at_volume("/nowhere/at/all");
  CAF_CHECK(!state.writable);
  CAF_CHECK_EQUAL(state.free_bytes, 0u);
}

CAF_TEST(a file that takes no bytes is a folder that cannot be written) {
  temporary_directory folder;
  rlimit before{};
  CAF_REQUIRE_EQUAL(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit none{0, before.rlim_max};
  CAF_REQUIRE_EQUAL(setrlimit(RLIMIT_FSIZE, &none), 0);
  const auto state = look_at_volume(folder.path());
  setrlimit(RLIMIT_FSIZE, &before);
  CAF_CHECK(!state.writable);
  CAF_CHECK(std::filesystem::is_empty(folder.path()));
}
