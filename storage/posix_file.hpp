#pragma once

#include "storage/storage_error.hpp"

#include <cstddef>
#include <string>
#include <utility>

/// The few file operations that storage/ needs beside SQLite, with errno as storage_error. All
/// blocking. Files are made 0600 and directories 0700: recordings are nobody else's business.
namespace switchboard::storage::posix {

/// Owns a descriptor.
class file_descriptor {
public:
  file_descriptor() = default;
  explicit file_descriptor(int fd) : fd_(fd) {}
  file_descriptor(file_descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  file_descriptor& operator=(file_descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~file_descriptor();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_ = -1;
};

/// @returns the error that `error_number` (an errno) stands for.
storage_error from_errno(int error_number);

/// An error result's text: "what path: reason".
std::string describe(const char* what, const std::string& path, int error_number);

/// open(2) with O_CLOEXEC and mode 0600.
result<file_descriptor> open_file(const std::string& path, int flags);

/// Creates `path` and what is missing above it.
result<nothing> make_directories(const std::string& path);

/// Writes all of it; on failure an unknown part is written.
/// @returns 0 or the errno.
int write_all(int fd, const void* data, size_t size);

/// Reads until `size` bytes are there or the file ends.
/// @returns the bytes read, or -1 with errno.
ssize_t read_at(int fd, void* data, size_t size, uint64_t offset);

/// Makes a created or renamed name durable.
result<nothing> sync_directory_of(const std::string& path);

/// Everything before the last slash; "." without one.
std::string parent_of(const std::string& path);

} // namespace switchboard::storage::posix
