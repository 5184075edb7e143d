// bin/switchboard: the command line. A command is one file beside this one; the
// server that `serve` runs is node.cpp.
#include "conf/config.hpp"
#include "tools/switchboard/commands.hpp"

#include <CLI/CLI.hpp>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

extern char** environ;

namespace {

using namespace switchboard;

std::map<std::string, std::string> read_environment() {
  std::map<std::string, std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string line = *entry;
    const auto equals = line.find('=');
    if (equals != std::string::npos)
      result[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return result;
}

/// A command: what `--help` says of it, and what makes it.
struct command_entry {
  const char* name;
  const char* help;
  const char* exit_codes;
  command_ptr (*make)();
  settings reads = settings::storage;
};

constexpr command_entry commands[] = {
    {"serve", "run the server (default)",
     "0 stopped, all records complete; 1 configuration; 2 cannot start; 3 stopped, but a record is "
     "not "
     "complete (the next start finishes it)",
     make_serve, settings::all},
    {"check-config", "validate the configuration and end",
     "0 valid; 1 not, with all problems listed", make_check_config, settings::all},
    {"migrate", "bring the database to this version's schema",
     "0 done, or the status was read; 1 configuration; 2 refused or failed, the database is as it "
     "was",
     make_migrate},
    {"reset", "remove the database, the recordings and the journals",
     "0 removed; 1 configuration, or no --yes; 2 a server uses them, or a file cannot be removed",
     make_reset},
    {"recover", "finish the calls that a dead server left: records, transcripts, recordings",
     "0 all are complete; 1 configuration; 2 a server runs, or no database; 3 some could not be "
     "finished, "
     "their journals are kept",
     make_recover},
    {"export", "write a call's record, transcript and recording to a folder",
     "0 written; 1 configuration; 2 no such call, no database, or a file cannot be read or written",
     make_export},
    {"journal", "show the records of a journal, and where it is torn",
     "0 whole; 1 configuration; 2 cannot be read; 3 torn or corrupt: shown as far as it is good",
     make_journal},
    {"calls", "list, show or search calls", "0 shown; 1 configuration; 2 no such call, no database",
     make_calls},
    {"backup", "copy database, recordings and journals while the server runs",
     "0 a finished backup, or one that is intact; 1 configuration; 2 none was made, or it is "
     "damaged; 3 made, "
     "but recordings that rows name were not there, as listed",
     make_backup},
    {"import-prisma", "take over the calls of the system that came before",
     "0 all of them are here; 1 configuration; 2 failed, may be run again; 3 done, but rows or "
     "files were "
     "left out, as listed",
     make_import_prisma},
    {"version", "print the version", "0", make_version, settings::none},
};

struct command_line {
  CLI::App app{"Switchboard: a call backend for AI voice agents", "switchboard"};
  std::string env_file;
  std::map<std::string, std::string> options; // by variable name
  std::vector<command_ptr> made;              // in the order of the table

  command_line() {
    app.set_version_flag("--version", conf::version());
    app.add_option("--env-file", env_file,
                   "file of KEY=VALUE lines (default: .env if there is one)");
    for (auto& variable : conf::variables()) {
      if (variable.secret) // secrets never appear in a process list
        continue;
      app.add_option_function<std::string>(
             conf::option_name(variable.name),
             [this, name = std::string{variable.name}](const std::string& value) {
               options[name] = value;
             },
             variable.help)
          ->group("Configuration (also by environment and .env)");
    }
    app.fallthrough(); // options may follow the command
    app.require_subcommand(0, 1);
    for (auto& entry : commands) {
      made.push_back(entry.make());
      auto* sub = app.add_subcommand(entry.name, entry.help);
      sub->footer(std::string{"Exit codes: "} + entry.exit_codes + ".");
      made.back()->declare(*sub);
    }
  }

  /// Index of the command that was given, `serve` if none was.
  size_t chosen() const {
    for (size_t i = 0; i < made.size(); ++i)
      if (app.got_subcommand(commands[i].name))
        return i;
    return 0;
  }
};

/// Whether a problem of the configuration is one of a command that reads only a part of it.
bool concerns(const conf::problem& problem, settings reads) {
  if (reads == settings::all)
    return true;
  for (auto* own : {"DATABASE_URL", "RECORDING_STORAGE_PATH"})
    if (problem.name == own)
      return true;
  for (auto& variable : conf::variables())
    if (problem.name == variable.name || problem.name == std::string{variable.name} + "_FILE")
      return false;
  return true;
}

/// Reads .env; a file that was named must be there.
bool read_dotenv(const std::string& named, std::map<std::string, std::string>& values,
                 std::vector<conf::problem>& problems) {
  std::ifstream in{named.empty() ? ".env" : named};
  if (!in) {
    if (named.empty())
      return true;
    problems.push_back({"--env-file", named + " cannot be read", "a readable file"});
    return false;
  }
  std::ostringstream text;
  text << in.rdbuf();
  values = conf::parse_dotenv(text.str(), problems);
  return problems.empty();
}

void print_problems(const std::vector<conf::problem>& problems) {
  for (auto& problem : problems)
    std::fprintf(stderr, "%s: %s (allowed: %s)\n", problem.name.c_str(), problem.what.c_str(),
                 problem.allowed.c_str());
}

void block_signals() {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr); // inherited by every thread; main waits for them
  std::signal(SIGPIPE, SIG_IGN);               // a closed socket is an error code, not an end
}

int run(command_line& line) {
  const size_t index = line.chosen();
  auto& chosen = *line.made[index];
  const auto reads = commands[index].reads;
  if (reads == settings::none)
    return chosen.run(conf::config{});
  conf::sources from;
  std::vector<conf::problem> problems;
  read_dotenv(line.env_file, from.dotenv, problems);
  from.options = line.options;
  from.environment = read_environment();
  auto loaded = conf::load(from);
  for (auto& problem : loaded.problems)
    if (concerns(problem, reads))
      problems.push_back(problem);
  for (auto& warning : loaded.warnings)
    std::fprintf(stderr, "warning: %s: %s\n", warning.name.c_str(), warning.what.c_str());
  if (!problems.empty()) {
    print_problems(problems);
    return exit_bad_configuration;
  }
  return chosen.run(loaded.value);
}

} // namespace

namespace switchboard {

int failed(const std::string& why) {
  std::fprintf(stderr, "switchboard: %s\n", why.c_str());
  return exit_failed;
}

} // namespace switchboard

int main(int argc, char** argv) {
  umask(0077);
  block_signals();
  auto line = std::make_unique<command_line>();
  try {
    line->app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = line->app.exit(e);
    return code == 0 ? exit_ok : exit_bad_configuration;
  }
  return run(*line);
}
