#include "storage/journal_reader.hpp"

#include "conf/defaults/storage.hpp"
#include "storage/journal_codec.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace switchboard::storage {

result<std::optional<journal_reader>> journal_reader::open(const std::string& path) {
  auto fd = posix::open_file(path, O_RDONLY);
  if (!fd) {
    return {fd.code(), fd.detail()};
  }
  struct stat info {};
  if (::fstat(fd->get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return {storage_error::io, path + " is not a file"};
  }
  journal_reader reader(std::move(*fd));
  reader.path_ = path;
  reader.file_bytes_ = static_cast<uint64_t>(info.st_size);
  return std::optional<journal_reader>(std::move(reader));
}

/// Makes `wanted` bytes available at at_, unless the file ends before.
result<nothing> journal_reader::fill(size_t wanted) {
  const auto have = buffer_.size() - at_;
  if (have >= wanted) {
    return nothing{};
  }
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(at_));
  at_ = 0;
  buffer_.resize(std::max(wanted, have + defaults::storage::journal_read_bytes));
  const auto n = posix::read_at(fd_.get(), buffer_.data() + have, buffer_.size() - have, read_to_);
  if (n < 0) {
    const int why = errno;
    buffer_.resize(have);
    return {storage_error::io, posix::describe("read", path_, why)};
  }
  read_to_ += static_cast<uint64_t>(n);
  buffer_.resize(have + static_cast<size_t>(n));
  return nothing{};
}

result<nothing> journal_reader::start() {
  started_ = true;
  if (auto filled = fill(journal_header_bytes); !filled) {
    return filled;
  }
  report_.end = check_journal_header(audio::byte_view(buffer_.data(), buffer_.size()));
  if (report_.end != read_end::complete) {
    ended_ = true;
    return nothing{};
  }
  at_ = journal_header_bytes;
  report_.good_bytes = journal_header_bytes;
  return nothing{};
}

result<std::optional<fact>> journal_reader::next() {
  if (!started_) {
    if (auto ok = start(); !ok) {
      return {ok.code(), ok.detail()};
    }
  }
  size_t wanted = 1;
  while (!ended_) {
    if (auto ok = fill(wanted); !ok) {
      return {ok.code(), ok.detail()};
    }
    const auto have = buffer_.size() - at_;
    const auto parsed = parse_fact(audio::byte_view(buffer_.data() + at_, have));
    if (parsed.state == parse_state::record) {
      at_ += parsed.bytes;
      payload_offset_ = report_.good_bytes + parsed.bytes - parsed.value.bytes.size;
      report_.good_bytes += parsed.bytes;
      ++report_.facts;
      report_.last_at_ms = std::max(report_.last_at_ms, parsed.value.at_ms);
      return std::optional<fact>(parsed.value);
    }
    ended_ = parsed.state == parse_state::bad || have < wanted;
    if (ended_ && have > 0) {
      report_.end = parsed.state == parse_state::bad ? read_end::corrupt : read_end::torn_tail;
    }
    wanted = parsed.bytes;
  }
  return std::optional<fact>();
}

result<read_report> read_journal(const std::string& path,
                                 const std::function<bool(const fact&)>& sink) {
  auto reader = journal_reader::open(path);
  if (!reader) {
    return {reader.code(), reader.detail()};
  }
  while (true) {
    auto next = (*reader)->next();
    if (!next) {
      return {next.code(), next.detail()};
    }
    if (!*next || !sink(**next)) {
      return (*reader)->report();
    }
  }
}

} // namespace switchboard::storage
