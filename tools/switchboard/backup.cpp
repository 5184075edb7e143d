#include "storage/backup.hpp"

#include "tools/switchboard/commands.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace switchboard {

namespace {

/// `backup DIR [--verify]`
class backup_command : public command {
public:
  void declare(CLI::App& options) override {
    options.add_option("DIR", directory_, "new or empty directory for the backup")->required();
    options.add_flag("--verify", verify_,
                     "read the backup in DIR through and compare its checksums");
  }

  int run(const conf::config& config) override { return verify_ ? verify() : make(config); }

private:
  int make(const conf::config& config) const {
    auto done =
        storage::make_backup({config.database_path, config.recording_storage_path, directory_});
    if (!done)
      return failed("no backup was made: " + std::string{storage::to_string(done.code())} + ": " +
                    done.detail());
    std::printf("%s: the database, %llu recordings, %llu journals, %lld bytes\n",
                directory_.c_str(), static_cast<unsigned long long>(done->recordings),
                static_cast<unsigned long long>(done->journals),
                static_cast<long long>(done->bytes));
    for (auto& path : done->missing)
      std::printf("missing on the disk: %s\n", path.c_str());
    return done->missing.empty() ? exit_ok : exit_incomplete;
  }

  int verify() const {
    auto done = storage::verify_backup(directory_);
    if (!done)
      return failed(std::string{storage::to_string(done.code())} + ": " + done.detail());
    std::printf("%s: %llu files are as they were backed up\n", directory_.c_str(),
                static_cast<unsigned long long>(*done));
    return exit_ok;
  }

  std::string directory_;
  bool verify_ = false;
};

} // namespace

command_ptr make_backup() {
  return std::make_unique<backup_command>();
}

} // namespace switchboard
