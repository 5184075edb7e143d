#define CAF_SUITE log
#define FAIL CAF_FAIL

#include "conf/defaults/log.hpp"
#include "conf/log.hpp"
#include "conf/log_format.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

#include <caf/test/dsl.hpp>

namespace log_ = switchboard::log;
namespace conf = switchboard::conf;
using conf::log_format;
using conf::log_level;

namespace {

log_::line example(log_level level, std::string_view message) {
  // 2026-11-22T10:00:00.123Z; `date -u -d @1795341600`
  return {std::chrono::system_clock::time_point(std::chrono::milliseconds(1795341600123)), level,
          "call", message};
}

/// Descriptor 2 leads into a file (or a descriptor of one's own) for the life of this object.
class stderr_to {
public:
  explicit stderr_to(int fd) : saved_(dup(2)) { dup2(fd, 2); }
  stderr_to(const stderr_to&) = delete;
  stderr_to& operator=(const stderr_to&) = delete;
  ~stderr_to() {
    log_::stop();
    dup2(saved_, 2);
    close(saved_);
  }

private:
  int saved_;
};

std::vector<std::string> logged(log_level level, log_format format,
                                const std::function<void()>& run) {
  char path[] = "/tmp/switchboard-log-XXXXXX";
  int fd = mkstemp(path);
  {
    stderr_to redirected(fd);
    log_::start(level, format);
    run();
  }
  close(fd);
  std::ifstream file(path);
  unlink(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    lines.push_back(line);
  return lines;
}

} // namespace

CAF_TEST(a pretty line is time and level and component and message and fields) {
  auto text = log_::render_pretty(example(log_level::info, "call started"),
                                  {{"call_id", "c1"}, {"calls", 3}, {"note", "two words"}});
  CAF_CHECK_EQUAL(text, "2026-11-22T10:00:00.123Z info  call: call started call_id=c1 calls=3 "
                        "note=\"two words\"\n");
}

CAF_TEST(a JSON line is one object with the fields as keys) {
  auto text = log_::render_json(example(log_level::http, "GET /health"),
                                {{"call_id", "c1"}, {"status", 200}, {"tls", false}});
  CAF_CHECK_EQUAL(text, "{\"time\":\"2026-11-22T10:00:00.123Z\",\"level\":\"http\","
                        "\"component\":\"call\",\"message\":\"GET /health\",\"call_id\":\"c1\","
                        "\"status\":200,\"tls\":false}\n");
}

CAF_TEST(no text can break a JSON line) {
  std::string nasty = "\"\\\n\r\t\x01\x7F/\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
  for (auto broken : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xC3"})
    nasty += broken;
  nasty.append(1, '\0');
  auto text = log_::render_json(example(log_level::warn, nasty), {{"k", nasty}});
  CAF_CHECK_EQUAL(text.find('\n'), text.size() - 1);
  auto parsed = nlohmann::json::parse(text, nullptr, false);
  CAF_REQUIRE(!parsed.is_discarded());
  auto value = parsed["k"].get<std::string>();
  CAF_CHECK_EQUAL(value.substr(0, 8), nasty.substr(0, 8));
  CAF_CHECK_EQUAL(value, parsed["message"].get<std::string>());
  CAF_CHECK(value.find("\xF0\x9F\x98\x80\xEF\xBF\xBD") != std::string::npos);
}

CAF_TEST(every single byte and pair of bytes gives valid JSON) {
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      std::string value{static_cast<char>(first), static_cast<char>(second)};
      auto text = log_::render_json(example(log_level::warn, "m"), {{"k", value}});
      if (!nlohmann::json::accept(text))
        CAF_FAIL("invalid JSON for bytes " << first << " " << second);
    }
}

CAF_TEST(no text can break a pretty line) {
  auto text =
      log_::render_pretty(example(log_level::warn, "a\nb\x1B[2J"), {{"k", "x\ny"}, {"e", ""}});
  CAF_CHECK_EQUAL(text.find('\n'), text.size() - 1);
  CAF_CHECK_EQUAL(text.find('\x1B'), std::string::npos);
  CAF_CHECK(text.find("e=\"\"") != std::string::npos);
}

CAF_TEST(the level decides which lines are written and http lies between info and debug) {
  auto all_levels = [] {
    log_::error("t", "error");
    log_::warn("t", "warn");
    log_::info("t", "info");
    log_::http("t", "http");
    log_::debug("t", "debug");
  };
  size_t expected = 1;
  for (auto level :
       {log_level::error, log_level::warn, log_level::info, log_level::http, log_level::debug})
    CAF_CHECK_EQUAL(logged(level, log_format::pretty, all_levels).size(), expected++);
}

CAF_TEST(lines of many threads arrive whole) {
  auto lines = logged(log_level::info, log_format::json, [] {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([t] {
        for (int i = 0; i < 500; ++i)
          log_::info("t", "line", {{"thread", t}, {"i", i}});
      });
    for (auto& thread : threads)
      thread.join();
  });
  CAF_CHECK_EQUAL(lines.size(), 2000u);
  for (auto& line : lines)
    if (!nlohmann::json::accept(line))
      CAF_FAIL("not whole: " << line);
}

CAF_TEST(before the start and after the stop warnings are written and chatter is not ) {
  auto lines = logged(log_level::debug, log_format::json, [] {
    log_::stop();
    log_::stop();
    CAF_CHECK(!log_::enabled(log_level::info));
    log_::info("t", "unseen");
    log_::warn("t", "seen");
  });
  CAF_REQUIRE_EQUAL(lines.size(), 1u);
  CAF_CHECK(lines[0].find("warn  t: seen") != std::string::npos);
}

CAF_TEST(a reader that stops reading stops nobody and what is lost is counted and told) {
  namespace limits = switchboard::defaults::log;
  constexpr size_t surplus = 1000;
  int ends[2];
  CAF_REQUIRE_EQUAL(pipe2(ends, O_CLOEXEC), 0);
  const auto before = log_::dropped();
  std::string seen;
  {
    stderr_to redirected(ends[1]);
    log_::start(log_level::info, log_format::json);
    const std::string padding(500, 'x');
    // More than pipe (64 KiB) and queue hold: these calls return although nobody reads.
    for (size_t i = 0; i < limits::queue_lines_max + surplus; ++i)
      log_::info("t", padding);
    log_::stop(); // returns as well: the rest is given up after one bounded wait
    CAF_CHECK(log_::dropped() - before >= surplus);

    char chunk[8192];
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    while (read(ends[0], chunk, sizeof chunk) > 0) {
    }
    log_::start(log_level::info, log_format::json);
    log_::info("t", "after");
    log_::stop();
    auto got = read(ends[0], chunk, sizeof chunk);
    seen.assign(chunk, got > 0 ? static_cast<size_t>(got) : 0);
  }
  close(ends[0]);
  close(ends[1]);
  CAF_CHECK(seen.find("lines were dropped") != std::string::npos);
  CAF_CHECK(seen.find("\"message\":\"after\"") != std::string::npos);
}
