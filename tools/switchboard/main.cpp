// bin/switchboard: the command line. What it does is in commands.cpp; what it is made of in node.cpp.
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

struct command_line {
  CLI::App app{"Switchboard: a call backend for AI voice agents", "switchboard"};
  std::string env_file;
  std::map<std::string, std::string> options;  // by variable name
  bool status_only = false;

  command_line() {
    app.set_version_flag("--version", conf::version());
    app.add_option("--env-file", env_file, "file of KEY=VALUE lines (default: .env if there is one)");
    for (auto& variable : conf::variables()) {
      if (variable.secret) // secrets never appear in a process list
        continue;
      app
        .add_option_function<std::string>(
          conf::option_name(variable.name),
          [this, name = std::string{variable.name}](const std::string& value) {
            options[name] = value;
          },
          variable.help)
        ->group("Configuration (also by environment and .env)");
    }
    app.fallthrough(); // options may follow the command
    app.require_subcommand(0, 1);
    app.add_subcommand("serve", "run the server (default)");
    app.add_subcommand("check-config", "validate the configuration and end");
    auto* migration = app.add_subcommand("migrate", "bring the database to this version's schema");
    migration->add_flag("--status", status_only, "only say where it stands");
    app.add_subcommand("version", "print the version");
  }
};

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
  pthread_sigmask(SIG_BLOCK, &stops, nullptr); // inherited by every thread; main waits for them
  std::signal(SIGPIPE, SIG_IGN);               // a closed socket is an error code, not an end
}

int run(command_line& line) {
  if (line.app.got_subcommand("version")) {
    std::printf("%s\n", conf::version());
    return exit_ok;
  }
  conf::sources from;
  std::vector<conf::problem> problems;
  read_dotenv(line.env_file, from.dotenv, problems);
  from.options = line.options;
  from.environment = read_environment();
  auto loaded = conf::load(from);
  problems.insert(problems.end(), loaded.problems.begin(), loaded.problems.end());
  for (auto& warning : loaded.warnings)
    std::fprintf(stderr, "warning: %s: %s\n", warning.name.c_str(), warning.what.c_str());
  if (!problems.empty()) {
    print_problems(problems);
    return exit_bad_configuration;
  }
  if (line.app.got_subcommand("check-config")) {
    std::printf("configuration is valid\n");
    return exit_ok;
  }
  if (line.app.got_subcommand("migrate"))
    return migrate(loaded.value, line.status_only);
  return serve(loaded.value);
}

} // namespace

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
