#include "storage/file_copy.hpp"

#include "conf/defaults/storage.hpp"
#include "storage/posix_file.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

namespace switchboard::storage {
namespace {

std::string hex(const unsigned char* bytes, size_t size) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 0x0f];
  }
  return text;
}

using block_sink = std::function<int(const unsigned char* bytes, size_t size)>;

/// Reads the whole file in blocks; `sink` answers an errno, or 0.
result<file_digest> read_through(const std::string& path, const block_sink& sink) {
  auto fd = posix::open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!fd) {
    return {fd.code(), fd.detail()};
  }
  struct stat info {};
  if (::fstat(fd->get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return {storage_error::io, path + " is not a file"};
  }
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) {
    return {storage_error::io, "no SHA-256"};
  }
  file_digest out;
  std::vector<unsigned char> block(defaults::storage::hash_block_bytes);
  while (true) {
    const auto n = posix::read_at(fd->get(), block.data(), block.size(),
                                  static_cast<uint64_t>(out.size_bytes));
    if (n < 0) {
      return {storage_error::io, posix::describe("read", path, errno)};
    }
    if (n == 0) {
      break;
    }
    const auto size = static_cast<size_t>(n);
    if (const int why = sink(block.data(), size)) {
      return {posix::from_errno(why), posix::describe("write the copy of", path, why)};
    }
    EVP_DigestUpdate(context.get(), block.data(), size);
    out.size_bytes += n;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context.get(), sum.data(), &size);
  out.sha256_hex = hex(sum.data(), size);
  return out;
}

result<file_digest> copy_to(const std::string& from, const std::string& temporary) {
  auto target = posix::open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
  if (!target) {
    return {target.code(), target.detail()};
  }
  auto copied = read_through(from, [&](const unsigned char* bytes, size_t size) {
    return posix::write_all(target->get(), bytes, size);
  });
  if (copied && ::fsync(target->get()) != 0) {
    const int why = errno;
    return {posix::from_errno(why), posix::describe("fsync", temporary, why)};
  }
  return copied;
}

} // namespace

result<file_digest> digest_file(const std::string& path) {
  return read_through(path, [](const unsigned char*, size_t) { return 0; });
}

result<file_digest> copy_file(const std::string& from, const std::string& to) {
  if (auto made = posix::make_directories(posix::parent_of(to)); !made) {
    return {made.code(), made.detail()};
  }
  const auto temporary = to + ".part";
  auto copied = copy_to(from, temporary);
  if (copied && std::rename(temporary.c_str(), to.c_str()) != 0) {
    const int why = errno;
    copied = {posix::from_errno(why), posix::describe("rename to", to, why)};
  }
  if (!copied) {
    ::unlink(temporary.c_str());
    return copied;
  }
  if (auto synced = posix::sync_directory_of(to); !synced) {
    return {synced.code(), synced.detail()};
  }
  return copied;
}

result<nothing> sync_file(const std::string& path) {
  auto fd = posix::open_file(path, O_RDONLY);
  if (!fd) {
    return {fd.code(), fd.detail()};
  }
  if (::fsync(fd->get()) != 0) {
    const int why = errno;
    return {posix::from_errno(why), posix::describe("fsync", path, why)};
  }
  return nothing{};
}

} // namespace switchboard::storage
