#include "http/note_body.hpp"

#include "http/form.hpp"

#include <nlohmann/json.hpp>

namespace switchboard::http {

namespace {

bool is_json_type(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && type.back() == ' ')
    type.remove_suffix(1);
  return same_name(type, "application/json") ||
         (type.size() > 5 && same_name(type.substr(type.size() - 5), "+json"));
}

note_body from_json(const std::string& body) {
  note_body result;
  if (body.find_first_not_of(" \t\r\n") == std::string::npos)
    return result; // nothing sent: no note, not bad JSON
  auto json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_discarded() || !(json.is_object() || json.is_array())) {
    result.result = note_body::verdict::bad_json;
    return result;
  }
  auto notes = json.is_object() ? json.find("notes") : json.end();
  if (notes == json.end() || !notes->is_string())
    return result;
  result.text = notes->get<std::string>();
  return result;
}

} // namespace

note_body parse_note_body(const http_request& request) {
  note_body result;
  auto type = request.header_or_empty("Content-Type");
  if (is_json_type(type))
    result = from_json(request.body);
  else if (is_form_type(type))
    result.text = std::string{parse_form(request.body).get("notes")};
  if (result.result == note_body::verdict::no_note && !result.text.empty())
    result.result = note_body::verdict::ok;
  return result;
}

} // namespace switchboard::http
