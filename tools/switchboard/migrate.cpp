#include "storage/call_store.hpp"
#include "tools/switchboard/commands.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace switchboard {

namespace {

/// `migrate [--status]`
class migrate_command : public command {
public:
  void declare(CLI::App& options) override {
    options.add_flag("--status", status_only_, "only say where it stands");
  }

  int run(const conf::config& config) override {
    auto status = status_only_ ? storage::read_migration_status(config.database_path)
                               : storage::migrate(config.database_path);
    if (!status)
      return failed(config.database_path + ": " + storage::to_string(status.code()) + ": " +
                    status.detail());
    std::printf("%s: %d of %d migrations applied\n", config.database_path.c_str(), status->applied,
                status->latest);
    return exit_ok;
  }

private:
  bool status_only_ = false;
};

} // namespace

command_ptr make_migrate() {
  return std::make_unique<migrate_command>();
}

} // namespace switchboard
