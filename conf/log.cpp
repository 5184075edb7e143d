#include "conf/log.hpp"

#include "conf/defaults/log.hpp"
#include "conf/log_format.hpp"

#include <poll.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <mutex>
#include <shared_mutex>

namespace switchboard::log {

namespace {

namespace limits = switchboard::defaults::log;

std::atomic<uint64_t> stuck_lines{0};      // not taken by stderr in time
std::atomic<uint64_t> earlier_overruns{0}; // of loggers that were stopped
std::atomic<spdlog::details::thread_pool*> current_pool{nullptr};

/// Callers hold the lock of `state_mutex` or are the pool's own thread: the pool is alive.
uint64_t all_dropped() {
  auto pool = current_pool.load();
  return stuck_lines.load() + earlier_overruns.load() + (pool ? pool->overrun_counter() : 0);
}

/// Writes to descriptor 2, but never waits longer than write_wait_ms_max for it, and once it did
/// so in vain only looks whether it is writable again: stop() must not hang on a paused terminal.
/// @returns false when the text was not (or not wholly) taken.
bool write_bounded(std::string_view text, bool& stuck) {
  while (!text.empty()) {
    pollfd descriptor{STDERR_FILENO, POLLOUT, 0};
    int ready = poll(&descriptor, 1, stuck ? 0 : limits::write_wait_ms_max);
    if (ready < 0 && errno == EINTR)
      continue;
    stuck = ready <= 0;
    if (stuck)
      return false;
    auto written =
        ::write(STDERR_FILENO, text.data(), std::min(text.size(), limits::write_bytes_max));
    if (written < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (written < 0)
      return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

/// Runs on the logger's own thread only. Lines come rendered; it adds a line that says how many
/// were lost whenever that number grew.
class stderr_sink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
  explicit stderr_sink(conf::log_format format) : format_(format) {}

protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    report_drops();
    if (!write_bounded({message.payload.data(), message.payload.size()}, stuck_))
      stuck_lines.fetch_add(1, std::memory_order_relaxed);
  }

  void flush_() override {}

private:
  void report_drops() {
    auto now = all_dropped();
    if (now <= reported_ || stuck_)
      return;
    line x{std::chrono::system_clock::now(), conf::log_level::warn, "log", "lines were dropped"};
    field count{"dropped", now - reported_};
    auto text =
        format_ == conf::log_format::json ? render_json(x, {count}) : render_pretty(x, {count});
    if (write_bounded(text, stuck_))
      reported_ = now;
  }

  conf::log_format format_;
  uint64_t reported_ = 0;
  bool stuck_ = false;
};

struct state {
  conf::log_format format;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

// Readers (every write) share the lock; start and stop take it alone, twice in a process's life.
std::shared_mutex state_mutex;
std::unique_ptr<state> current;
std::atomic<conf::log_level> threshold{conf::log_level::warn};

/// Signals are for the threads that wait for them.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

} // namespace

void start(conf::log_level level, conf::log_format format) {
  stop();
  auto fresh = std::make_unique<state>();
  fresh->format = format;
  fresh->pool =
      std::make_shared<spdlog::details::thread_pool>(limits::queue_lines_max, 1, block_signals);
  fresh->logger = std::make_shared<spdlog::async_logger>(
      "switchboard", std::make_shared<stderr_sink>(format), fresh->pool,
      spdlog::async_overflow_policy::overrun_oldest);
  fresh->logger->set_level(spdlog::level::trace);
  std::unique_lock lock(state_mutex);
  current_pool = fresh->pool.get();
  current = std::move(fresh);
  threshold = level;
}

void stop() {
  std::unique_ptr<state> last;
  {
    std::unique_lock lock(state_mutex);
    if (!current)
      return;
    last = std::move(current);
    threshold = conf::log_level::warn;
    earlier_overruns += last->pool->overrun_counter();
    current_pool = nullptr;
  }
  // Nobody can add lines now: the pool writes what is queued and joins its thread.
  last->logger.reset();
  last->pool.reset();
}

bool enabled(conf::log_level level) {
  return level <= threshold.load(std::memory_order_relaxed);
}

uint64_t dropped() {
  std::shared_lock lock(state_mutex);
  return all_dropped();
}

void write(conf::log_level level, std::string_view component, std::string_view message,
           fields more) {
  if (!enabled(level))
    return;
  line x{std::chrono::system_clock::now(), level, component, message};
  std::shared_lock lock(state_mutex);
  if (!current) {
    bool stuck = false;
    write_bounded(render_pretty(x, more), stuck);
    return;
  }
  auto text =
      current->format == conf::log_format::json ? render_json(x, more) : render_pretty(x, more);
  current->logger->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
}

} // namespace switchboard::log
