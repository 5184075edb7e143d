#include "conf/json_fields.hpp"

#include "conf/defaults/agent.hpp"
#include "conf/text.hpp"

#include <nlohmann/json.hpp>

namespace switchboard::conf {

namespace {

using nlohmann::json;

/// The value in a message: enough to recognise it.
std::string shown_json(const json& value) {
  if (value.is_string())
    return shown(value.get_ref<const std::string&>());
  return value.is_structured() ? std::string("an ") + value.type_name() : value.dump();
}

} // namespace

json_fields::json_fields(const json& object, std::string path, problems& into)
    : object_(object), path_(std::move(path)), problems_(into) {}

std::string json_fields::at(const std::string& key) const {
  return path_.empty() ? key : path_ + "." + key;
}

void json_fields::wrong(const std::string& place, const std::string& what,
                        const std::string& allowed) {
  if (problems_.size() < defaults::agent::problems_max)
    problems_.push_back({"AGENT_PROFILES", place + ": " + what, allowed});
}

const json* json_fields::find(const std::string& key) {
  asked_.insert(key);
  auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

bool json_fields::has(const std::string& key) {
  return find(key) != nullptr;
}

void json_fields::text(const std::string& key, std::string& target, const predicate& valid,
                       const std::string& allowed) {
  auto* value = find(key);
  if (value == nullptr)
    return;
  if (value->is_string() && valid(value->get_ref<const std::string&>()))
    target = value->get<std::string>();
  else
    wrong(at(key), "is " + shown_json(*value), allowed);
}

void json_fields::secret(const std::string& key, std::string& target, size_t bytes_max) {
  auto* value = find(key);
  if (value == nullptr)
    return;
  const bool fits = value->is_string() && !value->get_ref<const std::string&>().empty() &&
                    value->get_ref<const std::string&>().size() <= bytes_max;
  if (fits)
    target = value->get<std::string>();
  else
    wrong(at(key), "is not allowed", "text of 1 to " + std::to_string(bytes_max) + " bytes");
}

void json_fields::flag(const std::string& key, bool& target) {
  auto* value = find(key);
  if (value == nullptr)
    return;
  if (value->is_boolean())
    target = value->get<bool>();
  else
    wrong(at(key), "is " + shown_json(*value), "true, false");
}

void json_fields::number(const std::string& key, uint32_t& target, uint32_t min, uint32_t max) {
  auto* value = find(key);
  if (value == nullptr)
    return;
  const bool fits =
      value->is_number_unsigned() && value->get<uint64_t>() >= min && value->get<uint64_t>() <= max;
  if (fits)
    target = value->get<uint32_t>();
  else
    wrong(at(key), "is " + shown_json(*value),
          "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
}

const json* json_fields::object(const std::string& key) {
  auto* value = find(key);
  if (value == nullptr || value->is_object())
    return value;
  wrong(at(key), "is " + shown_json(*value), "an object");
  return nullptr;
}

const json* json_fields::array(const std::string& key, size_t entries_max) {
  auto* value = find(key);
  if (value == nullptr || (value->is_array() && value->size() <= entries_max))
    return value;
  wrong(at(key), value->is_array() ? "is too long" : "is " + shown_json(*value),
        "an array of at most " + std::to_string(entries_max));
  return nullptr;
}

void json_fields::done() {
  for (auto& [key, value] : object_.items()) {
    if (asked_.count(key) != 0)
      continue;
    std::string known;
    for (auto& name : asked_)
      known += (known.empty() ? "" : ", ") + name;
    wrong(at(key), "is not known", known);
  }
}

} // namespace switchboard::conf
