#pragma once

#include "conf/config.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

/// Logging (spdlog underneath, hidden). Lines go to stderr through a bounded asynchronous queue:
/// a slow terminal never stops a line; what does not fit is counted and reported. Thread-safe.
/// Never log payloads, transcripts, phone numbers or secrets.
namespace switchboard::log {

/// One `key=value` of a line. Values are rendered at the call, numbers without quotes.
struct field {
  field(std::string_view k, std::string_view v) : key(k), text(v) {}
  field(std::string_view k, const char* v) : key(k), text(v) {}
  field(std::string_view k, const std::string& v) : key(k), text(v) {}
  field(std::string_view k, int64_t v) : key(k), text(std::to_string(v)), number(true) {}
  field(std::string_view k, uint64_t v) : key(k), text(std::to_string(v)), number(true) {}
  field(std::string_view k, int v) : key(k), text(std::to_string(v)), number(true) {}
  field(std::string_view k, uint32_t v) : key(k), text(std::to_string(v)), number(true) {}
  field(std::string_view k, bool v) : key(k), text(v ? "true" : "false"), number(true) {}
  std::string_view key;
  std::string text;
  bool number = false; ///< number or truth value: rendered without quotes
};

using fields = std::initializer_list<field>;

/// Starts the logger; before it (and after stop) lines of level warn and above go to stderr
/// plainly.
void start(conf::log_level level, conf::log_format format);
/// Flushes and stops; idempotent.
void stop();
bool enabled(conf::log_level level);
/// Lines dropped because the queue was full.
uint64_t dropped();

/// @param component the part that speaks: "http", "call", "twilio_leg", ...
void write(conf::log_level level, std::string_view component, std::string_view message,
           fields more = {});

inline void error(std::string_view c, std::string_view m, fields f = {}) {
  write(conf::log_level::error, c, m, f);
}
inline void warn(std::string_view c, std::string_view m, fields f = {}) {
  write(conf::log_level::warn, c, m, f);
}
inline void info(std::string_view c, std::string_view m, fields f = {}) {
  write(conf::log_level::info, c, m, f);
}
inline void http(std::string_view c, std::string_view m, fields f = {}) {
  write(conf::log_level::http, c, m, f);
}
inline void debug(std::string_view c, std::string_view m, fields f = {}) {
  if (enabled(conf::log_level::debug))
    write(conf::log_level::debug, c, m, f);
}

} // namespace switchboard::log
