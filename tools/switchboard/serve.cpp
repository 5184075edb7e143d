#include "actors/huge_pages.hpp"
#include "conf/log.hpp"
#include "tools/switchboard/commands.hpp"
#include "tools/switchboard/node.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>

namespace switchboard {

namespace {

/// Waits for a signal. @returns it, or nothing (0) when the time is over first.
int signal_within(std::chrono::milliseconds patience) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (int each : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&wanted, each);
  timespec wait{};
  wait.tv_sec = patience.count() / 1000;
  wait.tv_nsec = (patience.count() % 1000) * 1'000'000;
  return std::max(0, sigtimedwait(&wanted, nullptr, &wait));
}

bool is_stop(int signal) {
  return signal == SIGTERM || signal == SIGINT;
}

bool write_port_file(const std::string& path, uint16_t port) {
  if (path.empty())
    return true;
  // Whoever waits for the file must never read half of it.
  const auto temporary = path + ".tmp";
  std::ofstream out{temporary, std::ios::trunc};
  out << port << '\n';
  out.close();
  return out && std::rename(temporary.c_str(), path.c_str()) == 0;
}

/// Live calls may finish by themselves until the drain time is over or a second signal comes.
void drain(node& running, const conf::config& config) {
  running.drain();
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds{config.drain_timeout_s};
  log::info("node", "draining",
            {{"active_calls", running.active_calls()}, {"timeout_s", config.drain_timeout_s}});
  while (running.active_calls() > 0 && std::chrono::steady_clock::now() < deadline)
    if (is_stop(signal_within(std::chrono::milliseconds{100}))) {
      log::warn("node", "second signal: ending live calls now");
      return;
    }
}

/// Runs the server until SIGTERM or SIGINT; SIGHUP reads the profiles anew. The signals are blocked
/// in all threads by main().
class serve : public command {
public:
  int run(const conf::config& config) override;
};

} // namespace

int serve::run(const conf::config& config) {
  actors::prepare_huge_pages(); // before the first thread
  log::start(config.level, config.format);
  std::string problem;
  auto running = node::start(config, problem);
  if (running == nullptr) {
    log::stop();
    std::fprintf(stderr, "switchboard: cannot start: %s\n", problem.c_str());
    return exit_failed;
  }
  if (!write_port_file(config.port_file, running->port())) {
    running.reset();
    log::stop();
    std::fprintf(stderr, "switchboard: cannot write %s\n", config.port_file.c_str());
    return exit_failed;
  }
  for (int signal = 0; !is_stop(signal);) {
    signal = signal_within(std::chrono::hours{1});
    if (signal == SIGHUP)
      running->reload();
  }
  drain(*running, config);
  const bool complete = running->stop();
  log::info("node", "stopped", {{"complete", complete ? "yes" : "no"}});
  log::stop();
  return complete ? exit_ok : exit_incomplete;
}

command_ptr make_serve() {
  return std::make_unique<serve>();
}

} // namespace switchboard
