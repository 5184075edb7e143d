#pragma once

#include "conf/config.hpp"

namespace switchboard {

/// Exit codes of the program.
constexpr int exit_ok = 0;
constexpr int exit_bad_configuration = 1;  // contract: nothing was opened
constexpr int exit_failed = 2;             // could not start, or could not do what was asked
constexpr int exit_incomplete = 3;         // stopped, but not everything could be saved

/// Runs the server until SIGTERM or SIGINT. The signals are blocked in all threads by the caller.
int serve(const conf::config& config);

/// `migrate [--status]`
int migrate(const conf::config& config, bool status_only);

} // namespace switchboard
