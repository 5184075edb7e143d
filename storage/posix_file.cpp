#include "storage/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace switchboard::storage::posix {

file_descriptor::~file_descriptor() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

storage_error from_errno(int error_number) {
  switch (error_number) {
  case 0:
    return storage_error::none;
  case ENOENT:
    return storage_error::not_found;
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
    return storage_error::full;
  case EACCES:
  case EPERM:
  case EROFS:
    return storage_error::read_only;
  default:
    return storage_error::io;
  }
}

std::string describe(const char* what, const std::string& path, int error_number) {
  return std::string(what) + " " + path + ": " + std::strerror(error_number);
}

result<file_descriptor> open_file(const std::string& path, int flags) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) {
    const int why = errno;
    return {from_errno(why), describe("open", path, why)};
  }
  return file_descriptor(fd);
}

result<nothing> make_directories(const std::string& path) {
  for (size_t slash = path.find('/', 1); !path.empty(); slash = path.find('/', slash + 1)) {
    const auto part = path.substr(0, slash);
    if (::mkdir(part.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
      const int why = errno;
      // A folder above that we may not write to is no obstacle while it exists.
      struct stat info {};
      if (::stat(part.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
        return {from_errno(why), describe("mkdir", part, why)};
      }
    }
    if (slash == std::string::npos) {
      break;
    }
  }
  return nothing{};
}

int write_all(int fd, const void* data, size_t size) {
  const auto* at = static_cast<const char*>(data);
  while (size > 0) {
    const auto n = ::write(fd, at, size);
    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno;
    }
    at += n;
    size -= static_cast<size_t>(n);
  }
  return 0;
}

ssize_t read_at(int fd, void* data, size_t size, uint64_t offset) {
  auto* at = static_cast<char*>(data);
  size_t done = 0;
  while (done < size) {
    const auto n = ::pread(fd, at + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      return -1;
    }
    if (n == 0) {
      break;
    }
    done += static_cast<size_t>(n);
  }
  return static_cast<ssize_t>(done);
}

result<nothing> sync_directory_of(const std::string& path) {
  const auto directory = parent_of(path);
  auto fd = open_file(directory, O_RDONLY | O_DIRECTORY);
  if (!fd) {
    return {fd.code(), fd.detail()};
  }
  // Some file systems cannot sync a directory; they say EINVAL and keep names safe otherwise.
  if (::fsync(fd->get()) != 0 && errno != EINVAL) {
    const int why = errno;
    return {from_errno(why), describe("fsync", directory, why)};
  }
  return nothing{};
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

} // namespace switchboard::storage::posix
