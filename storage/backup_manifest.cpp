#include "storage/backup_manifest.hpp"

#include "storage/posix_file.hpp"
#include "storage/recording_names.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace switchboard::storage {
namespace {

constexpr size_t hex_digits = 64; // of SHA-256

bool is_hex(std::string_view text) {
  return text.size() == hex_digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_path(const std::string& path) {
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '\\'; };
  return is_confined(path) && std::none_of(path.begin(), path.end(), control);
}

} // namespace

void backup_manifest::add(const std::string& path, const std::string& sha256_hex) {
  entries_.push_back({sha256_hex, path});
}

result<nothing> backup_manifest::write(const std::string& directory) const {
  std::string text;
  for (const auto& x : entries_) {
    if (!is_hex(x.sha256_hex) || !is_path(x.path)) {
      return {storage_error::bad_argument, "no name for a manifest: " + x.path};
    }
    text += x.sha256_hex + "  " + x.path + "\n";
  }
  const auto path = directory + "/" + file_name;
  const auto temporary = path + ".part";
  {
    auto fd = posix::open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    if (!fd) {
      return {fd.code(), fd.detail()};
    }
    int why = posix::write_all(fd->get(), text.data(), text.size());
    if (why == 0 && ::fsync(fd->get()) != 0) {
      why = errno;
    }
    if (why != 0) {
      return {posix::from_errno(why), posix::describe("write", temporary, why)};
    }
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    const int why = errno;
    return {posix::from_errno(why), posix::describe("rename to", path, why)};
  }
  return posix::sync_directory_of(path);
}

result<backup_manifest> backup_manifest::read(const std::string& directory) {
  const auto path = directory + "/" + file_name;
  auto fd = posix::open_file(path, O_RDONLY);
  if (!fd) {
    return {fd.code(), fd.code() == storage_error::not_found
                           ? directory + " holds no finished backup: no " + file_name
                           : fd.detail()};
  }
  struct stat info {};
  if (::fstat(fd->get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return {storage_error::corrupt, path + " is not a file"};
  }
  std::string text(static_cast<size_t>(info.st_size), '\0');
  const auto n = posix::read_at(fd->get(), text.data(), text.size(), 0);
  if (n < 0) {
    return {storage_error::io, posix::describe("read", path, errno)};
  }
  return parse(std::string_view(text).substr(0, static_cast<size_t>(n)));
}

result<backup_manifest> backup_manifest::parse(std::string_view text) {
  backup_manifest found;
  for (size_t line = 1; !text.empty(); ++line) {
    const auto end = text.find('\n');
    const auto whole = text.substr(0, end);
    std::string path(whole.substr(std::min(whole.size(), hex_digits + 2)));
    if (end == std::string_view::npos || !is_hex(whole.substr(0, hex_digits)) ||
        whole.substr(hex_digits, 2) != "  " || !is_path(path)) {
      return {storage_error::corrupt,
              std::string(file_name) + " is broken in line " + std::to_string(line)};
    }
    found.add(path, std::string(whole.substr(0, hex_digits)));
    text.remove_prefix(end + 1);
  }
  if (found.entries_.empty()) {
    return {storage_error::corrupt, std::string(file_name) + " names no file"};
  }
  return found;
}

} // namespace switchboard::storage
