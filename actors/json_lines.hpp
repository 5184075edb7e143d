#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace switchboard::actors {

/// Appends a JSON string (RFC 8259 section 7). The text must be valid UTF-8.
void append_json_quoted(std::string& out, std::string_view text);

/// Writes one JSON object. By hand, since actors/ sees no JSON library and has only small, flat
/// texts to make: turns of the journal and the metrics of a call.
class json_object {
public:
  json_object& text(std::string_view key, std::string_view value);
  json_object& number(std::string_view key, uint64_t value);
  json_object& real(std::string_view key, double value); ///< finite; six decimals
  json_object& flag(std::string_view key, bool value);
  json_object& raw(std::string_view key, std::string_view json);
  /// Closes the object.
  std::string done() { return std::move(out_ += '}'); }

private:
  void key(std::string_view name);
  std::string out_ = "{";
};

} // namespace switchboard::actors
