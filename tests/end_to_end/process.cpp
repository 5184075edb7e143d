#include "tests/end_to_end/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace e2e {

namespace {

/// Of util-linux, an essential package of Debian.
constexpr const char* ends_with_parent = "/usr/bin/setpriv";

} // namespace

bool wait_until(const std::function<bool()>& ready, seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!ready()) {
    if (std::chrono::steady_clock::now() >= deadline)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return true;
}

std::string read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

process::process(const std::string& program, const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment,
                 const std::string& output_file) {
  std::vector<std::string> variables;
  for (auto& [name, value] : environment)
    variables.push_back(name + "=" + value);
  // A test that dies must not leave its programs running: they would keep ports and locks.
  std::vector<char*> argv{const_cast<char*>(ends_with_parent), const_cast<char*>("--pdeathsig"),
                          const_cast<char*>("KILL"), const_cast<char*>("--"),
                          const_cast<char*>(program.c_str())};
  for (auto& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (auto& variable : variables)
    envp.push_back(const_cast<char*>(variable.c_str()));
  envp.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, output_file.c_str(), O_CREAT | O_WRONLY | O_APPEND,
                                   0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  const int failed =
      posix_spawn(&pid_, ends_with_parent, &files, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0 || access(program.c_str(), X_OK) != 0)
    throw std::runtime_error{"cannot start " + program};
  ended_ = false;
}

process::process(process&& other) noexcept {
  *this = std::move(other);
}

process& process::operator=(process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(ended_, other.ended_);
  std::swap(status_, other.status_);
  return *this;
}

process::~process() {
  if (ended_)
    return;
  ::kill(pid_, SIGTERM);
  if (wait(seconds{15}) == -1 && !ended_) {
    ::kill(pid_, SIGKILL);
    reap(true);
  }
}

bool process::reap(bool block) {
  if (!ended_ && waitpid(pid_, &status_, block ? 0 : WNOHANG) == pid_)
    ended_ = true;
  return ended_;
}

bool process::running() {
  return !reap(false);
}

void process::signal(int number) const {
  if (!ended_)
    ::kill(pid_, number);
}

int process::wait(seconds patience) {
  if (!wait_until([this] { return reap(false); }, patience))
    return -1;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
}

long process::resident_kib() const {
  std::ifstream in{"/proc/" + std::to_string(pid_) + "/status"};
  for (std::string line; std::getline(in, line);)
    if (line.rfind("VmRSS:", 0) == 0)
      return std::stol(line.substr(6));
  return 0;
}

} // namespace e2e
