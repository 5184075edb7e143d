#include "storage/call_store.hpp"
#include "storage/posix_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace switchboard::storage {
namespace {

class flock_lock final : public data_directory_lock {
public:
  explicit flock_lock(posix::file_descriptor fd) : fd_(std::move(fd)) {}

  // The file stays: removing it would let two processes hold locks on two files of one name.
  ~flock_lock() override = default;

private:
  posix::file_descriptor fd_;
};

std::string holder_of(int fd) {
  char text[32] = {};
  const auto n = posix::read_at(fd, text, sizeof(text) - 1, 0);
  std::string pid(text, n > 0 ? static_cast<size_t>(n) : 0);
  while (!pid.empty() && pid.back() == '\n') {
    pid.pop_back();
  }
  return pid.empty() ? "another process" : "process " + pid;
}

result<nothing> write_pid(int fd, const std::string& path) {
  const auto pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0) {
    const int why = errno;
    return {posix::from_errno(why), posix::describe("truncate", path, why)};
  }
  if (const int why = posix::write_all(fd, pid.data(), pid.size())) {
    return {posix::from_errno(why), posix::describe("write", path, why)};
  }
  return nothing{};
}

} // namespace

result<std::unique_ptr<data_directory_lock>>
data_directory_lock::acquire(const std::string& directory) {
  if (auto made = posix::make_directories(directory); !made) {
    return {made.code(), made.detail()};
  }
  const auto path = directory + "/switchboard.lock";
  auto fd = posix::open_file(path, O_RDWR | O_CREAT);
  if (!fd) {
    return {fd.code(), fd.detail()};
  }
  if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
    const int why = errno;
    if (why == EWOULDBLOCK) {
      return {storage_error::busy, directory + " is in use by " + holder_of(fd->get())};
    }
    return {posix::from_errno(why), posix::describe("lock", path, why)};
  }
  if (auto written = write_pid(fd->get(), path); !written) {
    return {written.code(), written.detail()};
  }
  return std::unique_ptr<data_directory_lock>(new flock_lock(std::move(*fd)));
}

} // namespace switchboard::storage
