#define CAF_SUITE data_directory_lock
#define FAIL CAF_FAIL
#include "storage/call_store.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;

CAF_TEST(a directory is made and held by one at a time) {
  test::temporary_directory root;
  const auto directory = root / "a/b";
  auto first = data_directory_lock::acquire(directory);
  CAF_REQUIRE(first);
  CAF_CHECK_EQUAL(test::mode_of(directory), 0700u);
  auto second = data_directory_lock::acquire(directory);
  CAF_CHECK(!second);
  CAF_CHECK(second.code() == storage_error::busy);
  CAF_CHECK(second.detail().find(std::to_string(::getpid())) != std::string::npos);
  first->reset();
  CAF_CHECK(data_directory_lock::acquire(directory));
}

CAF_TEST(the lock file names the process that holds it) {
  test::temporary_directory root;
  test::write_file(root / "switchboard.lock", std::vector<uint8_t>(100, '7'));
  auto lock = data_directory_lock::acquire(root.path());
  CAF_REQUIRE(lock);
  const auto bytes = test::read_file(root / "switchboard.lock");
  CAF_CHECK_EQUAL(std::string(bytes.begin(), bytes.end()), std::to_string(::getpid()) + "\n");
}

CAF_TEST(a directory that may not be written is refused) {
  test::temporary_directory root;
  ::chmod(root.path().c_str(), 0555);
  {
    test::without_privilege user;
    auto lock = data_directory_lock::acquire(root.path());
    CAF_CHECK(!lock);
    CAF_CHECK(lock.code() == storage_error::read_only);
  }
  ::chmod(root.path().c_str(), 0755);
}

CAF_TEST(a file in the place of the directory is refused) {
  test::temporary_directory root;
  test::write_file(root / "file", {1});
  CAF_CHECK(!data_directory_lock::acquire(root / "file"));
}
