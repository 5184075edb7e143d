#include "actors/read_stamps.hpp"

#include "conf/defaults/call.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace switchboard::actors {

namespace {

constexpr size_t file_bytes =
    sizeof(read_stamps::header) + defaults::call::read_stamps_max * sizeof(read_stamps::record);

} // namespace

std::unique_ptr<read_stamps> read_stamps::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0)
    return nullptr;
  void* memory = MAP_FAILED;
  if (::ftruncate(fd, static_cast<off_t>(file_bytes)) == 0)
    memory = ::mmap(nullptr, file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  return memory == MAP_FAILED ? nullptr : std::unique_ptr<read_stamps>(new read_stamps(memory));
}

read_stamps::~read_stamps() {
  ::munmap(memory_, file_bytes);
}

void read_stamps::stamp(const std::string& call_id, uint64_t at_ms, audio::byte_view pcmu) {
  auto* counter = static_cast<header*>(memory_);
  const auto index = counter->count.fetch_add(1);
  if (index >= defaults::call::read_stamps_max)
    return;
  auto* records = reinterpret_cast<record*>(static_cast<char*>(memory_) + sizeof(header));
  auto& mine = records[index];
  mine.at_ms = at_ms;
  mine.bytes = static_cast<uint32_t>(std::min(pcmu.size, mine.pcmu.size()));
  std::copy_n(pcmu.data, mine.bytes, mine.pcmu.begin());
  std::copy_n(call_id.begin(), std::min(call_id.size(), mine.call_id.size()), mine.call_id.begin());
  mine.read_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                     std::chrono::steady_clock::now().time_since_epoch())
                     .count();
}

} // namespace switchboard::actors
