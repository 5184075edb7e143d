#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace switchboard::http {

/// A recording open for reading. May be used on any thread, by one at a time.
class recording_file {
public:
  /// Opens a regular file below `root`. Each part of the path is opened on its own and no symbolic
  /// link is followed, so nothing outside `root` can be reached, whatever a row says. Blocks.
  /// @param relative as in the row. @returns nullptr if there is no such file.
  static std::shared_ptr<recording_file> open(const std::string& root, const std::string& relative);
  ~recording_file();
  recording_file(const recording_file&) = delete;
  recording_file& operator=(const recording_file&) = delete;

  uint64_t size() const { return size_; }
  int64_t modified_s() const { return modified_ns_ / 1'000'000'000; }
  /// Changes with the file's size and time; with its quotes.
  std::string entity_tag() const;
  /// Reads up to `count` bytes; empty on error or past the end. Blocks.
  std::string read(uint64_t offset, size_t count) const;

private:
  recording_file(int fd, uint64_t size, int64_t modified_ns)
      : fd_(fd), size_(size), modified_ns_(modified_ns) {}
  int fd_;
  uint64_t size_;
  int64_t modified_ns_;
};

} // namespace switchboard::http
