#pragma once

#include "conf/log.hpp"

#include <chrono>
#include <string>
#include <string_view>

/// How a log line looks. Pure; used by log.cpp and its tests. Every line is one line: line breaks
/// and control characters in values are escaped, so that a caller's text cannot forge a line.
namespace switchboard::log {

struct line {
  std::chrono::system_clock::time_point time;
  conf::log_level level;
  std::string_view component;
  std::string_view message;
};

std::string_view to_string(conf::log_level level) noexcept;

/// `2026-11-22T10:00:00.000Z info  call started call_id=... calls=3` and a line break.
std::string render_pretty(const line& x, fields more);

/// `{"time":"2026-11-22T10:00:00.000Z","level":"info","component":"call","message":"started",
/// "call_id":"..."}` and a line break. Bytes that are no UTF-8 become U+FFFD.
std::string render_json(const line& x, fields more);

} // namespace switchboard::log
