#pragma once

#include "conf/config.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace switchboard {

/// Exit codes of the program; `--help` of each command says which of them it uses for what.
constexpr int exit_ok = 0;
constexpr int exit_bad_configuration = 1; // contract: nothing was opened
constexpr int exit_failed = 2;            // could not start, or could not do what was asked
constexpr int exit_incomplete = 3;        // done, but not everything could be saved

/// What a command reads of the configuration: the problems of the rest are not its own. Whoever
/// looks into the database needs no key of the model.
enum class settings : uint8_t { none, storage, all };

/// One command of the command line: its options, and what it does. Runs on the main thread.
class command {
public:
  virtual ~command() = default;
  /// Adds positionals and options to its part of the command line.
  virtual void declare(CLI::App&) {}
  /// @returns the process's exit code. Says on stderr why it failed.
  virtual int run(const conf::config& config) = 0;
};
using command_ptr = std::unique_ptr<command>;

// One file each. The table that names them is in main.cpp.
command_ptr make_serve();
command_ptr make_check_config();
command_ptr make_version();
command_ptr make_migrate();
command_ptr make_reset();
command_ptr make_recover();
command_ptr make_export();
command_ptr make_journal();
command_ptr make_calls();
command_ptr make_backup();
command_ptr make_import_prisma();

/// Says on stderr why a command failed. @returns exit_failed.
int failed(const std::string& why);

} // namespace switchboard
