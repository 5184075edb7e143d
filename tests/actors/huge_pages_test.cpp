#define CAF_SUITE huge_pages
#define FAIL CAF_FAIL
#include "actors/huge_pages.hpp"
#include "conf/defaults/line.hpp"

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;

namespace {

/// Whether the mapping of `place` has a flag, as smaps tells (proc(5), VmFlags).
bool has_flag(const void* place, const std::string& flag) {
  const auto at = reinterpret_cast<uintptr_t>(place);
  std::ifstream smaps{"/proc/self/smaps"};
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    uintptr_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " ", &begin, &end) == 2)
      inside = begin <= at && at < end;
    else if (inside && line.rfind("VmFlags:", 0) == 0)
      return (line + ' ').find(' ' + flag + ' ') != std::string::npos;
  }
  return false;
}

/// The heap is glibc's: a sanitizer brings its own.
constexpr bool glibc_heap =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    false;
#else
    true;
#endif

bool has_huge_pages() {
  std::ifstream enabled{"/sys/kernel/mm/transparent_hugepage/enabled"};
  std::string mode;
  return std::getline(enabled, mode) && mode.find("[never]") == std::string::npos;
}

} // namespace

CAF_TEST(the heap of a thread that asks has huge pages and no other) {
  prepare_huge_pages();
  const auto mine = std::make_unique<char[]>(defaults::line::heap_probe_bytes);
  size_t bytes = 0;
  bool of_thread = false;
  std::thread{[&] {
    bytes = use_huge_pages();
    const auto after = std::make_unique<char[]>(100'000);
    of_thread = has_flag(after.get(), "hg");
  }}.join();
  if (!glibc_heap || (!has_huge_pages() && bytes == 0))
    return; // a kernel without them: nothing was changed
  CAF_CHECK(of_thread);
  CAF_CHECK(bytes >= defaults::line::heap_step_bytes);
  CAF_CHECK(bytes <= defaults::line::heap_bytes_max);
  CAF_CHECK(!has_flag(mine.get(), "hg"));
}
