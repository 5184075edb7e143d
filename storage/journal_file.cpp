#include "storage/journal.hpp"
#include "storage/journal_codec.hpp"
#include "storage/journal_reader.hpp"
#include "storage/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace switchboard::storage {
namespace {

result<nothing> failed(const char* what, const std::string& path, int why) {
  return {posix::from_errno(why), posix::describe(what, path, why)};
}

class posix_journal_file final : public journal_file {
public:
  posix_journal_file(posix::file_descriptor fd, std::string path)
      : fd_(std::move(fd)), path_(std::move(path)) {}

  /// Cuts what lies behind the longest good prefix, or writes the header of an empty file.
  result<nothing> prepare();

  result<nothing> append(audio::byte_view records) override;

  result<nothing> cut(uint64_t size) override {
    size_ = std::min(size, size_);
    dirty_ = true; // until it is done
    return settle();
  }

  void begin_sync() override {
    ::sync_file_range(fd_.get(), 0, 0, SYNC_FILE_RANGE_WRITE); // sync() tells of failures
  }

  result<nothing> sync() override {
    if (::fdatasync(fd_.get()) != 0) {
      return failed("fdatasync", path_, errno);
    }
    return nothing{};
  }

  uint64_t size_bytes() const override { return size_; }

private:
  result<nothing> cut_to(uint64_t size);
  result<nothing> settle();
  result<nothing> set_aside(uint64_t from, uint64_t to);
  result<nothing> write_header();
  result<nothing> resume(const read_report&, uint64_t file_bytes);

  posix::file_descriptor fd_;
  std::string path_;
  uint64_t size_ = 0;  ///< of good records
  bool dirty_ = false; ///< bytes beyond size_ could not be cut off yet
};

result<nothing> posix_journal_file::cut_to(uint64_t size) {
  if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
    return failed("truncate", path_, errno);
  }
  return nothing{};
}

result<nothing> posix_journal_file::write_header() {
  audio::byte_buffer header;
  append_journal_header(header);
  if (auto ok = append(audio::byte_view(header.data(), header.size())); !ok) {
    return ok;
  }
  return posix::sync_directory_of(path_);
}

/// Copies bytes that are not the harmless tail of a broken write to a file beside the journal:
/// there may be good records behind a bad one, and a person may want them.
result<nothing> posix_journal_file::set_aside(uint64_t from, uint64_t to) {
  const auto path = path_ + ".corrupt-" + std::to_string(from);
  auto copy = posix::open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!copy) {
    return {copy.code(), copy.detail()};
  }
  audio::byte_buffer piece(64 * 1024);
  while (from < to) {
    const auto n =
        posix::read_at(fd_.get(), piece.data(), std::min<uint64_t>(piece.size(), to - from), from);
    if (n <= 0) {
      return failed("read", path_, n < 0 ? errno : EIO);
    }
    if (const int why = posix::write_all(copy->get(), piece.data(), static_cast<size_t>(n))) {
      return failed("write", path, why);
    }
    from += static_cast<uint64_t>(n);
  }
  return nothing{};
}

result<nothing> posix_journal_file::resume(const read_report& report, uint64_t file_bytes) {
  if (report.end == read_end::newer_version) {
    return {storage_error::newer_schema, path_ + " was made by a newer version"};
  }
  if (report.end == read_end::not_a_journal) {
    return {storage_error::corrupt, path_ + " is not a journal"};
  }
  if (report.end == read_end::corrupt) {
    if (auto ok = set_aside(report.good_bytes, file_bytes); !ok) {
      return ok;
    }
  }
  if (report.good_bytes < file_bytes) {
    if (auto ok = cut_to(report.good_bytes); !ok) {
      return ok;
    }
  }
  size_ = report.good_bytes;
  return size_ == 0 ? write_header() : nothing{};
}

result<nothing> posix_journal_file::prepare() {
  struct stat info {};
  if (::fstat(fd_.get(), &info) != 0) {
    return failed("stat", path_, errno);
  }
  if (!S_ISREG(info.st_mode)) {
    return {storage_error::io, path_ + " is not a file"};
  }
  if (info.st_size == 0) {
    return write_header();
  }
  const auto report = read_journal(path_, [](const fact&) { return true; });
  if (!report) {
    return {report.code(), report.detail()};
  }
  return resume(*report, static_cast<uint64_t>(info.st_size));
}

/// Cuts off what could not be cut off before.
result<nothing> posix_journal_file::settle() {
  if (dirty_) {
    if (auto ok = cut_to(size_); !ok) {
      return ok;
    }
    dirty_ = false;
  }
  return nothing{};
}

result<nothing> posix_journal_file::append(audio::byte_view records) {
  if (auto ok = settle(); !ok) {
    return ok;
  }
  if (const int why = posix::write_all(fd_.get(), records.data, records.size)) {
    dirty_ = !cut_to(size_);
    return failed("write", path_, why);
  }
  size_ += records.size;
  return nothing{};
}

} // namespace

result<std::unique_ptr<journal_file>> journal_file::open(const std::string& path) {
  if (auto made = posix::make_directories(posix::parent_of(path)); !made) {
    return {made.code(), made.detail()};
  }
  // O_APPEND: after a cut, the next write lies at the new end by itself.
  auto fd = posix::open_file(path, O_RDWR | O_CREAT | O_APPEND);
  if (!fd) {
    return {fd.code(), fd.detail()};
  }
  auto file = std::make_unique<posix_journal_file>(std::move(*fd), path);
  if (auto ready = file->prepare(); !ready) {
    return {ready.code(), ready.detail()};
  }
  return std::unique_ptr<journal_file>(std::move(file));
}

} // namespace switchboard::storage
