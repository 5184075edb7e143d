#include "actors/huge_pages.hpp"

#include "conf/defaults/line.hpp"

#include <malloc.h>
#include <sys/mman.h>

#include <algorithm>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

namespace switchboard::actors {

namespace limits = defaults::line;

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 // linux/mman.h; glibc of Debian 12 may not name it
#endif

namespace {

struct mapping {
  uintptr_t begin = 0, end = 0;
  bool anonymous = false;
};

/// A line of /proc/self/maps (proc(5)): "begin-end rights offset device inode name".
bool read_mapping(const std::string& line, mapping& out) {
  unsigned long inode = 0;
  if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " %*s %*s %*s %lu", &out.begin, &out.end,
                  &inode) < 3)
    return false;
  out.anonymous = inode == 0;
  return true;
}

/// The mapping that a thread's heap lies in, with what it may grow into: that lies behind it.
mapping heap_around(const void* place) {
  const auto at = reinterpret_cast<uintptr_t>(place);
  std::ifstream maps{"/proc/self/maps"};
  mapping heap, next;
  for (std::string line; std::getline(maps, line);) {
    if (!read_mapping(line, next))
      continue;
    if (next.begin <= at && at < next.end)
      heap = next;
    else if (heap.end != 0 && next.begin == heap.end && next.anonymous &&
             next.end - heap.begin <= limits::heap_bytes_max)
      heap.end = next.end;
    else if (heap.end != 0)
      break;
  }
  return heap.anonymous ? heap : mapping{};
}

} // namespace

void prepare_huge_pages() {
  mallopt(M_TOP_PAD, static_cast<int>(limits::heap_step_bytes));
  // Setting one turns off that glibc finds the other by itself.
  mallopt(M_MMAP_THRESHOLD, static_cast<int>(limits::own_mapping_bytes));
}

size_t use_huge_pages() {
  const auto probe = std::make_unique<char[]>(limits::heap_probe_bytes);
  const auto heap = heap_around(probe.get());
  const size_t bytes = heap.end - heap.begin;
  if (bytes == 0)
    return 0;
  char* const begin = probe.get() - (reinterpret_cast<uintptr_t>(probe.get()) - heap.begin);
  if (madvise(begin, bytes, MADV_HUGEPAGE) != 0)
    return 0;
  // Now and not beside calls: to clear a huge page takes some hundred frames' time. Where Linux is
  // older than 5.14, or the heap smaller, they come one by one.
  madvise(begin, std::min(bytes, limits::heap_resident_bytes), MADV_POPULATE_WRITE);
  return bytes;
}

} // namespace switchboard::actors
