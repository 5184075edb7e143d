// bin/loadgen: many calls on a server, with the model's side in the same process.
#include "tools/loadgen/report.hpp"

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>

namespace {

constexpr int exit_measured = 0;
constexpr int exit_failed = 1;
constexpr int exit_void = 2;
constexpr int exit_not_carried = 3;

void raise_descriptor_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

} // namespace

int main(int argc, char** argv) {
  using namespace sim::load;
  options how;
  int exit_code = exit_measured;
  if (!options::parse(argc, argv, how, exit_code))
    return exit_code;
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  if (how.core >= 0 && !run_on_core(how.core)) {
    std::fprintf(stderr, "--core: there is no core %d\n", how.core);
    return exit_failed;
  }
  try {
    load_run run{how};
    const auto what = run.run();
    const auto report = report_json(how, run.told(), run.lateness(), what);
    std::fputs(report_text(report).c_str(), stdout);
    if (!how.json.empty() && !(std::ofstream{how.json} << report.dump(1) << "\n")) {
      std::fprintf(stderr, "--json: %s cannot be written\n", how.json.c_str());
      return exit_failed;
    }
    if (run.told().live == 0 && run.told().ended == 0)
      return exit_failed;
    if (what.void_run)
      return exit_void;
    return what.not_carried.empty() ? exit_measured : exit_not_carried;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "loadgen: %s\n", e.what());
    return exit_failed;
  }
}
