#include "http/recording_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace switchboard::http {

namespace {

int open_again(int directory, const char* name, int flags) {
  int fd = -1;
  do {
    fd = ::openat(directory, name, flags | O_CLOEXEC | O_RDONLY);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

/// Walks down from `root`, one part at a time. @returns a descriptor or -1.
int open_below(const std::string& root, std::string_view relative) {
  if (relative.empty() || relative.front() == '/' || relative.find('\0') != std::string_view::npos)
    return -1;
  int at = open_again(AT_FDCWD, root.c_str(), O_DIRECTORY);
  while (at >= 0) {
    auto slash = relative.find('/');
    std::string part{relative.substr(0, slash)};
    const bool last = slash == std::string_view::npos;
    const bool bad = part.empty() || part == "." || part == "..";
    // O_NONBLOCK: a FIFO in the way must not hold the thread.
    int next =
        bad ? -1 : open_again(at, part.c_str(), O_NOFOLLOW | (last ? O_NONBLOCK : O_DIRECTORY));
    ::close(at);
    if (last)
      return next;
    at = next;
    relative.remove_prefix(slash + 1);
  }
  return -1;
}

} // namespace

std::shared_ptr<recording_file> recording_file::open(const std::string& root,
                                                     const std::string& relative) {
  int fd = open_below(root, relative);
  if (fd < 0)
    return nullptr;
  struct stat about {};
  if (::fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
    ::close(fd);
    return nullptr;
  }
  auto modified = about.st_mtim.tv_sec * 1'000'000'000LL + about.st_mtim.tv_nsec;
  return std::shared_ptr<recording_file>{
      new recording_file{fd, static_cast<uint64_t>(about.st_size), modified}};
}

recording_file::~recording_file() {
  ::close(fd_);
}

std::string recording_file::entity_tag() const {
  return '"' + std::to_string(size_) + '-' + std::to_string(modified_ns_) + '"';
}

std::string recording_file::read(uint64_t offset, size_t count) const {
  std::string bytes(count, '\0');
  size_t have = 0;
  while (have < count) {
    auto got = ::pread(fd_, bytes.data() + have, count - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

} // namespace switchboard::http
