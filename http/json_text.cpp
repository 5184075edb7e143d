#include "http/json_text.hpp"

#include "http/plain_text.hpp"
#include "http/utf8.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace switchboard::http {

namespace {

void append_control(std::string& out, unsigned char byte) {
  static constexpr char digits[] = "0123456789abcdef";
  switch (byte) {
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  default:
    out += "\\u00";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

/// Appends the character at the text's start. @returns the bytes it took.
size_t append_special(std::string& out, std::string_view text) {
  auto byte = static_cast<unsigned char>(text.front());
  if (byte == '"' || byte == '\\') {
    out += '\\';
    out += text.front();
    return 1;
  }
  if (byte < 0x20 || byte == 0x7F) {
    append_control(out, byte);
    return 1;
  }
  size_t size = utf8_sequence_bytes(text);
  out += size > 0 ? text.substr(0, size) : utf8_replacement;
  return size > 0 ? size : 1;
}

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 64> digits;
  auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  if (problem == std::errc())
    out.append(digits.data(), end);
  else
    out += '0';
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const size_t plain = plain_prefix_bytes(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (!text.empty())
      text.remove_prefix(append_special(out, text));
  }
  out += '"';
}

void append_json_number(std::string& out, double value) {
  append_number(out, std::isfinite(value) ? value : 0.0);
}

void append_json_number(std::string& out, uint64_t value) {
  append_number(out, value);
}

void append_json_number(std::string& out, int64_t value) {
  append_number(out, value);
}

void json_writer::separate() {
  if (!first_)
    out_ += ',';
  first_ = false;
}

void json_writer::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
}

json_writer& json_writer::open() {
  separate();
  out_ += '{';
  first_ = true;
  return *this;
}

json_writer& json_writer::open(std::string_view name) {
  key(name);
  out_ += '{';
  first_ = true;
  return *this;
}

json_writer& json_writer::close() {
  out_ += '}';
  first_ = false;
  return *this;
}

json_writer& json_writer::open_array(std::string_view name) {
  key(name);
  out_ += '[';
  first_ = true;
  return *this;
}

json_writer& json_writer::close_array() {
  out_ += ']';
  first_ = false;
  return *this;
}

json_writer& json_writer::text(std::string_view name, std::string_view value) {
  key(name);
  append_json_string(out_, value);
  return *this;
}

json_writer& json_writer::element(std::string_view value) {
  separate();
  append_json_string(out_, value);
  return *this;
}

json_writer& json_writer::number(std::string_view name, double value) {
  key(name);
  append_json_number(out_, value);
  return *this;
}

json_writer& json_writer::number(std::string_view name, uint64_t value) {
  key(name);
  append_json_number(out_, value);
  return *this;
}

json_writer& json_writer::number(std::string_view name, int64_t value) {
  key(name);
  append_json_number(out_, value);
  return *this;
}

json_writer& json_writer::flag(std::string_view name, bool value) {
  key(name);
  out_ += value ? "true" : "false";
  return *this;
}

json_writer& json_writer::null(std::string_view name) {
  key(name);
  out_ += "null";
  return *this;
}

json_writer& json_writer::raw(std::string_view name, std::string_view json) {
  key(name);
  out_ += json;
  return *this;
}

} // namespace switchboard::http
