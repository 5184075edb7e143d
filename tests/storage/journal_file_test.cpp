#define CAF_SUITE journal_file
#define FAIL CAF_FAIL
#include "storage/journal.hpp"
#include "storage/journal_codec.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <sys/resource.h>

#include <csignal>
#include <string>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;

namespace {

audio::byte_buffer record(uint64_t at_ms, size_t payload = 160) {
  const audio::byte_buffer pcmu(payload, static_cast<uint8_t>(at_ms));
  fact x;
  x.type = fact_type::caller_audio;
  x.at_ms = at_ms;
  x.bytes = pcmu;
  audio::byte_buffer out;
  append_fact(out, x);
  return out;
}

std::vector<uint64_t> times(const std::string& path) {
  std::vector<uint64_t> out;
  read_journal(path, [&](const fact& x) {
    out.push_back(x.at_ms);
    return true;
  });
  return out;
}

/// Lets files of this process grow to `bytes` only, as a full disk would.
class file_size_limit {
public:
  explicit file_size_limit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &was_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    auto limit = was_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &was_);
    std::signal(SIGXFSZ, handler_);
  }

private:
  rlimit was_{};
  void (*handler_)(int) = nullptr;
};

} // namespace

CAF_TEST(a journal is made with its folders for the owner alone) {
  test::temporary_directory root;
  const auto path = root / "2026-11-22/call.journal";
  auto file = journal_file::open(path);
  CAF_REQUIRE(file);
  CAF_CHECK_EQUAL(test::mode_of(path), 0600u);
  CAF_CHECK_EQUAL(test::mode_of(root / "2026-11-22"), 0700u);
  CAF_CHECK_EQUAL((*file)->size_bytes(), journal_header_bytes);
  CAF_CHECK((*file)->append(record(20)));
  CAF_CHECK((*file)->append(record(40)));
  CAF_CHECK((*file)->sync());
  CAF_CHECK_EQUAL((*file)->size_bytes(), test::read_file(path).size());
  CAF_CHECK(times(path) == (std::vector<uint64_t>{20, 40}));
}

CAF_TEST(appending goes on behind every possible torn tail) {
  test::temporary_directory root;
  const auto path = root / "j";
  audio::byte_buffer whole;
  append_journal_header(whole);
  for (const uint64_t at : {20, 40}) {
    const auto x = record(at, 16);
    whole.insert(whole.end(), x.begin(), x.end());
  }
  const auto first_end = journal_header_bytes + record(20, 16).size();
  for (size_t size = 0; size <= whole.size(); ++size) {
    test::write_file(path, {whole.begin(), whole.begin() + static_cast<long>(size)});
    auto file = journal_file::open(path);
    CAF_REQUIRE(file);
    CAF_REQUIRE((*file)->append(record(60)));
    std::vector<uint64_t> expected;
    if (size >= first_end) {
      expected.push_back(20);
    }
    if (size >= whole.size()) {
      expected.push_back(40);
    }
    expected.push_back(60);
    CAF_REQUIRE(times(path) == expected);
  }
}

CAF_TEST(bytes behind a broken record are set aside and not thrown away) {
  test::temporary_directory root;
  const auto path = root / "j";
  {
    auto file = journal_file::open(path);
    CAF_REQUIRE(file);
    for (const uint64_t at : {20, 40, 60}) {
      CAF_REQUIRE((*file)->append(record(at)));
    }
  }
  auto bytes = test::read_file(path);
  const auto second = journal_header_bytes + record(20).size();
  bytes[second + 40] ^= 1;
  test::write_file(path, bytes);
  auto file = journal_file::open(path);
  CAF_REQUIRE(file);
  CAF_CHECK((*file)->append(record(80)));
  CAF_CHECK(times(path) == (std::vector<uint64_t>{20, 80}));
  const auto aside = test::read_file(path + ".corrupt-" + std::to_string(second));
  CAF_CHECK(aside == std::vector<uint8_t>(bytes.begin() + static_cast<long>(second), bytes.end()));
}

CAF_TEST(what is no journal or a newer one is refused and left alone) {
  test::temporary_directory root;
  const std::vector<uint8_t> foreign(100, 'x');
  test::write_file(root / "j", foreign);
  const auto file = journal_file::open(root / "j");
  CAF_CHECK(file.code() == storage_error::corrupt);
  CAF_CHECK(test::read_file(root / "j") == foreign);
  CAF_CHECK(!journal_file::open(root.path()));
}

CAF_TEST(a write that fails halfway is cut off and the next one succeeds) {
  test::temporary_directory root;
  const auto path = root / "j";
  auto file = journal_file::open(path);
  CAF_REQUIRE(file);
  CAF_REQUIRE((*file)->append(record(20)));
  const auto good = (*file)->size_bytes();
  for (rlim_t room = 0; room < record(40).size(); room += 13) {
    const file_size_limit full(good + room);
    const auto failed = (*file)->append(record(40));
    CAF_REQUIRE(!failed);
    CAF_REQUIRE(failed.code() == storage_error::full);
    CAF_REQUIRE_EQUAL((*file)->size_bytes(), good);
    CAF_REQUIRE_EQUAL(test::read_file(path).size(), good);
  }
  CAF_CHECK((*file)->append(record(60)));
  CAF_CHECK(times(path) == (std::vector<uint64_t>{20, 60}));
}

CAF_TEST(what a failed append left behind is cut off and the next one follows what was good) {
  test::temporary_directory root;
  const auto path = root / "j";
  uint64_t good = 0;
  {
    auto file = journal_file::open(path);
    CAF_REQUIRE(file);
    CAF_REQUIRE((*file)->append(record(20)));
    good = (*file)->size_bytes();
    CAF_REQUIRE((*file)->append(record(40))); // whole records, but said to have failed
  }
  auto file = journal_file::open(path);
  CAF_REQUIRE(file);
  CAF_CHECK((*file)->cut(good + 1'000'000)); // nothing to do
  CAF_CHECK(times(path) == (std::vector<uint64_t>{20, 40}));
  CAF_CHECK((*file)->cut(good));
  CAF_CHECK_EQUAL((*file)->size_bytes(), good);
  CAF_REQUIRE((*file)->append(record(60)));
  CAF_CHECK(times(path) == (std::vector<uint64_t>{20, 60}));
}

CAF_TEST(a folder that may not be written is an error and no crash) {
  test::temporary_directory root;
  ::chmod(root.path().c_str(), 0555);
  {
    test::without_privilege user;
    CAF_CHECK(journal_file::open(root / "x/j").code() == storage_error::read_only);
  }
  ::chmod(root.path().c_str(), 0755);
}
