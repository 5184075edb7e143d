#pragma once

#include "storage/journal.hpp"
#include "storage/posix_file.hpp"

#include <optional>
#include <string>

namespace switchboard::storage {

/// Reads a journal file record by record, holding at most one record and one read. Never trusts a
/// length. Not thread-safe.
class journal_reader {
public:
  /// @returns not_found, read_only (no permission) or io; what is in the file shows later.
  static result<std::optional<journal_reader>> open(const std::string& path);

  /// The next good record, or nothing at the end of the longest good prefix (see report()). Its
  /// views are valid until the next call.
  /// @returns io when the file cannot be read.
  result<std::optional<fact>> next();

  /// Where the payload of the last record lies in the file.
  uint64_t payload_offset() const { return payload_offset_; }

  /// Final once next() answered nothing.
  const read_report& report() const { return report_; }

  int descriptor() const { return fd_.get(); }
  uint64_t file_bytes() const { return file_bytes_; }

private:
  explicit journal_reader(posix::file_descriptor fd) : fd_(std::move(fd)) {}
  result<nothing> fill(size_t wanted);
  result<nothing> start();

  posix::file_descriptor fd_;
  std::string path_;
  audio::byte_buffer buffer_;
  size_t at_ = 0;        ///< first unread byte of buffer_
  uint64_t read_to_ = 0; ///< file offset behind buffer_
  uint64_t file_bytes_ = 0;
  uint64_t payload_offset_ = 0;
  bool started_ = false;
  bool ended_ = false;
  read_report report_;
};

} // namespace switchboard::storage
