#include "actors/json_lines.hpp"

#include <cstdio>

namespace switchboard::actors {

void append_json_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      out += escaped;
    } else {
      out += c;
    }
  }
  out += '"';
}

void json_object::key(std::string_view name) {
  if (out_.size() > 1)
    out_ += ',';
  append_json_quoted(out_, name);
  out_ += ':';
}

json_object& json_object::text(std::string_view name, std::string_view value) {
  key(name);
  append_json_quoted(out_, value);
  return *this;
}

json_object& json_object::number(std::string_view name, uint64_t value) {
  key(name);
  out_ += std::to_string(value);
  return *this;
}

json_object& json_object::real(std::string_view name, double value) {
  key(name);
  out_ += std::to_string(value);
  return *this;
}

json_object& json_object::flag(std::string_view name, bool value) {
  key(name);
  out_ += value ? "true" : "false";
  return *this;
}

json_object& json_object::raw(std::string_view name, std::string_view json) {
  key(name);
  out_ += json;
  return *this;
}

} // namespace switchboard::actors
