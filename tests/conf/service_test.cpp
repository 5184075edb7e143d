#define CAF_SUITE service
#define FAIL CAF_FAIL
#include "conf/config.hpp"
#include "conf/defaults/line.hpp"
#include "conf/defaults/node.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <caf/test/dsl.hpp>

using namespace switchboard;

namespace {

constexpr const char* unit_path = SWITCHBOARD_SOURCE_DIR "/conf/switchboard.service";

std::string text_of_unit() {
  std::ifstream in{unit_path};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The settings by `Section.Name`, as systemd.syntax(7) has them.
std::map<std::string, std::string> settings_of_unit() {
  std::map<std::string, std::string> settings;
  std::istringstream in{text_of_unit()};
  std::string section;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#')
      continue;
    if (line.front() == '[') {
      section = line.substr(1, line.find(']') - 1);
      continue;
    }
    const auto equals = line.find('=');
    CAF_REQUIRE(equals != std::string::npos);
    settings[section + "." + line.substr(0, equals)] = line.substr(equals + 1);
  }
  return settings;
}

} // namespace

CAF_TEST(systemd waits longer than a drain can last and kills only then) {
  auto unit = settings_of_unit();
  CAF_CHECK_EQUAL(unit["Service.KillMode"], "mixed"); // SIGTERM to the main process alone
  CAF_CHECK_EQUAL(unit.count("Service.KillSignal"), 0u);
  const std::chrono::seconds patience{std::stoi(unit["Service.TimeoutStopSec"])};
  const auto needed = std::chrono::seconds{conf::config{}.drain_timeout_s} +
                      defaults::node::finish_deadline + defaults::line::teardown_deadline +
                      defaults::node::control_deadline;
  CAF_CHECK_GREATER_OR_EQUAL(patience.count(),
                             std::chrono::duration_cast<std::chrono::seconds>(needed).count());
}

CAF_TEST(an end with incomplete records is a failure and a wrong configuration is not tried again) {
  auto unit = settings_of_unit();
  CAF_CHECK_EQUAL(unit["Service.Restart"], "on-failure");
  CAF_CHECK_EQUAL(unit.count("Service.SuccessExitStatus"), 0u); // 0 alone is success
  CAF_CHECK_EQUAL(unit["Service.RestartPreventExitStatus"], "1");
  CAF_CHECK_EQUAL(unit["Service.UMask"], "0077");
}

CAF_TEST(systemd itself finds no mistake) {
  constexpr const char* analyze = "/usr/bin/systemd-analyze";
  if (access(analyze, X_OK) != 0) {
    CAF_MESSAGE("systemd-analyze is not installed");
    return;
  }
  auto text = text_of_unit();
  const std::string installed = "/usr/local/bin/switchboard";
  for (auto at = text.find(installed); at != std::string::npos; at = text.find(installed))
    text.replace(at, installed.size(), "/bin/true"); // it is not installed here
  char folder[] = "/tmp/switchboard-unit-XXXXXX";
  CAF_REQUIRE(mkdtemp(folder) != nullptr);
  const auto copy = std::string{folder} + "/switchboard.service";
  std::ofstream{copy} << text;
  const int code = std::system((std::string{analyze} + " verify " + copy).c_str());
  unlink(copy.c_str());
  rmdir(folder);
  CAF_CHECK_EQUAL(code, 0);
}
