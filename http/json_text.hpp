#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// JSON written by appending to a string (RFC 8259): for the messages of the media path, where a
/// document model would cost more than the message. Pure; any thread.
namespace switchboard::http {

/// Appends `text` as a JSON string, quotes included. What is not UTF-8 becomes U+FFFD, so the
/// result is always valid in a WebSocket text message.
void append_json_string(std::string& out, std::string_view text);

/// Appends a number as short as it can be read back; 0 for what is not finite.
void append_json_number(std::string& out, double value);
void append_json_number(std::string& out, uint64_t value);
void append_json_number(std::string& out, int64_t value);

/// Writes the members of objects and the commas between them. Keys are constants of ours, which
/// need no escaping. The destination must outlive it.
///
///     json_writer w(out);
///     w.open().text("type", "response.cancel").close();
class json_writer {
public:
  explicit json_writer(std::string& out) : out_(out) {}
  json_writer& open();                     ///< `{`, the outermost or an element of an array
  json_writer& open(std::string_view key); ///< `"key":{`
  json_writer& close();                    ///< `}`
  json_writer& open_array(std::string_view key);
  json_writer& close_array();
  json_writer& text(std::string_view key, std::string_view value);
  json_writer& element(std::string_view value); ///< a string in an array
  json_writer& number(std::string_view key, double value);
  json_writer& number(std::string_view key, uint64_t value);
  json_writer& number(std::string_view key, int64_t value);
  json_writer& flag(std::string_view key, bool value);
  json_writer& null(std::string_view key);
  json_writer& raw(std::string_view key, std::string_view json); ///< JSON as it is

private:
  void key(std::string_view name);
  void separate();

  std::string& out_;
  bool first_ = true;
};

} // namespace switchboard::http
