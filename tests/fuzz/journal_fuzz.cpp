// Any bytes as a journal: never a crash, and what was read encodes to the same good prefix.
#include "storage/journal.hpp"

#include <cstdlib>
#include <cstring>

using namespace switchboard;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  audio::byte_buffer again;
  storage::append_journal_header(again);
  uint64_t facts = 0;
  const auto report = storage::read_journal_bytes({data, size}, [&](const storage::fact& x) {
    ++facts;
    storage::append_fact(again, x);
    return true;
  });
  if (report.facts != facts || report.good_bytes > size) {
    std::abort();
  }
  if (report.good_bytes != 0 &&
      (again.size() != report.good_bytes || std::memcmp(again.data(), data, again.size()) != 0)) {
    std::abort();
  }
  return 0;
}
