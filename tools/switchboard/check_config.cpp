#include "tools/switchboard/commands.hpp"

#include <cstdio>

namespace switchboard {

namespace {

/// Its configuration was loaded, or it would not run.
class check_config : public command {
public:
  int run(const conf::config&) override {
    std::printf("configuration is valid\n");
    return exit_ok;
  }
};

class version_command : public command {
public:
  int run(const conf::config&) override {
    std::printf("%s\n", conf::version());
    return exit_ok;
  }
};

} // namespace

command_ptr make_check_config() {
  return std::make_unique<check_config>();
}

command_ptr make_version() {
  return std::make_unique<version_command>();
}

} // namespace switchboard
