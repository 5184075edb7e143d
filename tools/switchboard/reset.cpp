#include "storage/reset.hpp"

#include "storage/call_store.hpp"
#include "tools/switchboard/commands.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace switchboard {

namespace {

/// `reset --yes`
class reset_command : public command {
public:
  void declare(CLI::App& options) override {
    options.add_flag("--yes", sure_, "yes, remove every call; there is no way back");
  }

  int run(const conf::config& config) override {
    if (!sure_) {
      std::fprintf(
          stderr,
          "switchboard: this removes %s and every recording and journal in %s for good; say "
          "--yes if you mean it\n",
          config.database_path.c_str(), config.recording_storage_path.c_str());
      return exit_bad_configuration;
    }
    auto lock = storage::data_directory_lock::acquire(config.data_directory());
    if (!lock)
      return failed("nothing was removed: " + lock.detail());
    auto done = storage::reset_data(config.database_path, config.recording_storage_path);
    if (!done)
      return failed(done.detail());
    std::printf("removed %llu files of the database, %llu of recordings and journals\n",
                static_cast<unsigned long long>(done->database_files),
                static_cast<unsigned long long>(done->recording_files));
    if (done->kept_files > 0)
      std::printf("kept %llu files that are not Switchboard's\n",
                  static_cast<unsigned long long>(done->kept_files));
    return exit_ok;
  }

private:
  bool sure_ = false;
};

} // namespace

command_ptr make_reset() {
  return std::make_unique<reset_command>();
}

} // namespace switchboard
