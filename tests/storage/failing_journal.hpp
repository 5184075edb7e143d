#pragma once

#include "storage/journal.hpp"
#include "tests/storage/write_faults.hpp"

#include <fstream>
#include <memory>
#include <string>

namespace switchboard::test {

/// A journal on disk whose writes fail as those of a broken disk do: half of the batch is there,
/// and could not be cut off either.
class failing_journal : public storage::journal_file {
public:
  using opened = storage::result<std::unique_ptr<storage::journal_file>>;

  static opened open(write_faults& faults, const std::string& path) {
    if (faults.strike())
      return {storage::storage_error::read_only, "open"};
    auto real = storage::journal_file::open(path);
    if (!real)
      return real;
    return std::unique_ptr<storage::journal_file>(
        std::make_unique<failing_journal>(faults, path, std::move(*real)));
  }

  failing_journal(write_faults& faults, std::string path,
                  std::unique_ptr<storage::journal_file> real)
      : faults_(faults), path_(std::move(path)), real_(std::move(real)) {}

  storage::result<storage::nothing> append(audio::byte_view records) override {
    if (!faults_.strike()) {
      storage::result<storage::nothing> settled = storage::nothing{};
      if (torn_)
        settled = real_->cut(real_->size_bytes());
      torn_ = torn_ && !settled;
      return settled ? real_->append(records) : settled;
    }
    torn_ = true;
    std::ofstream torn(path_, std::ios::binary | std::ios::app);
    torn.write(reinterpret_cast<const char*>(records.data),
               static_cast<std::streamsize>(records.size / 2));
    return {storage::storage_error::full, "write"};
  }
  storage::result<storage::nothing> cut(uint64_t size) override {
    if (faults_.strike())
      return {storage::storage_error::io, "truncate"};
    auto done = real_->cut(size);
    torn_ = torn_ && !done;
    return done;
  }
  storage::result<storage::nothing> sync() override {
    if (faults_.strike())
      return {storage::storage_error::io, "fdatasync"};
    return real_->sync();
  }
  uint64_t size_bytes() const override { return real_->size_bytes(); }

private:
  write_faults& faults_;
  std::string path_;
  bool torn_ = false;
  std::unique_ptr<storage::journal_file> real_;
};

} // namespace switchboard::test
