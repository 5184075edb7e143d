#include "http/twilio/twiml.hpp"

#include "conf/defaults/twilio.hpp"
#include "http/utf8.hpp"

namespace switchboard::twilio::twiml {

namespace {

constexpr std::string_view head = R"(<?xml version="1.0" encoding="UTF-8"?><Response)";
constexpr std::string_view tail = "</Response>";

std::string response(std::string_view verbs) {
  std::string out(head);
  if (verbs.empty())
    return out += "/>";
  out += '>';
  out += verbs;
  return out += tail;
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "=\"";
  append_xml(out, value);
  out += '"';
}

void append_optional(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty())
    append_attribute(out, name, value);
}

void append_parameter(std::string& out, std::string_view name, std::string_view value) {
  constexpr size_t bytes_max = defaults::twilio::parameter_bytes_max;
  if (name.empty() || name.size() >= bytes_max)
    return;
  out += "<Parameter";
  append_attribute(out, "name", name);
  append_attribute(out, "value", http::utf8_prefix(value, bytes_max - name.size()));
  out += "/>";
}

void append_say(std::string& out, std::string_view text) {
  out += "<Say>";
  append_xml(out, http::utf8_prefix(text, defaults::twilio::say_bytes_max));
  out += "</Say>";
}

/// The escape of one ASCII character; nothing if it stands for itself.
std::string_view escape_of(char c) {
  switch (c) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '"':
    return "&quot;";
  case '\'':
    return "&apos;";
  case '\t': // attributes would turn these into spaces
    return "&#9;";
  case '\n':
    return "&#10;";
  case '\r':
    return "&#13;";
  default:
    return {};
  }
}

void append_ascii(std::string& out, char c) {
  std::string_view escape = escape_of(c);
  if (!escape.empty())
    out += escape;
  else if (static_cast<unsigned char>(c) >= 0x20)
    out += c;
}

} // namespace

void append_xml(std::string& out, std::string_view text) {
  while (!text.empty()) {
    size_t size = http::utf8_sequence_bytes(text);
    std::string_view character = text.substr(0, size > 0 ? size : 1);
    text.remove_prefix(character.size());
    if (size == 0)
      out += http::utf8_replacement;
    else if (size == 1)
      append_ascii(out, character.front());
    else if (character != "\xEF\xBF\xBE" && character != "\xEF\xBF\xBF")
      out += character;
  }
}

std::string render(const connect_stream& what) {
  std::string verbs;
  if (!what.say.empty())
    append_say(verbs, what.say);
  if (!what.digits.empty()) {
    verbs += "<Play";
    append_attribute(verbs, "digits", what.digits);
    verbs += "/>";
  }
  verbs += "<Connect";
  append_optional(verbs, "action", what.action);
  verbs += "><Stream";
  append_attribute(verbs, "url", what.url);
  append_optional(verbs, "statusCallback", what.status_callback);
  verbs += '>';
  for (const auto& [name, value] : what.parameters)
    append_parameter(verbs, name, value);
  verbs += "</Stream></Connect>";
  return response(verbs);
}

std::string say_and_hangup(std::string_view text) {
  std::string verbs;
  append_say(verbs, text);
  verbs += "<Hangup/>";
  return response(verbs);
}

std::string reject(reject_reason reason) {
  return response(reason == reject_reason::busy ? R"(<Reject reason="busy"/>)"
                                                : R"(<Reject reason="rejected"/>)");
}

std::string hangup() {
  return response("<Hangup/>");
}

std::string dial(std::string_view number, std::string_view action) {
  std::string verbs = "<Dial";
  append_optional(verbs, "action", action);
  verbs += "><Number>";
  append_xml(verbs, number);
  verbs += "</Number></Dial>";
  return response(verbs);
}

std::string empty_response() {
  return response({});
}

} // namespace switchboard::twilio::twiml
