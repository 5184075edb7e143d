#include "tools/sim_common/openai_schema.hpp"

#include <algorithm>

namespace sim::openai {

namespace {

using problem = std::optional<api_error>;

std::string joined(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

std::string kind_of(const json& value) {
  if (value.is_null())
    return "null";
  if (value.is_boolean())
    return "a boolean";
  if (value.is_string())
    return "a string";
  if (value.is_number_integer())
    return "an integer";
  if (value.is_number())
    return "a decimal";
  return value.is_array() ? "an array" : "an object";
}

problem wrong_type(const json& value, const std::string& path, const std::string& expected) {
  return api_error{"invalid_type",
                   "Invalid type for '" + path + "': expected " + expected + ", but got " +
                       kind_of(value) + " instead.",
                   path};
}

std::string quoted(const json& value) {
  return value.is_string() ? "'" + value.get<std::string>() + "'" : value.dump();
}

problem wrong_value(const json& value, const std::string& path, const json& allowed) {
  std::string list;
  for (size_t i = 0; i < allowed.size(); ++i)
    list += (i == 0 ? "" : i + 1 == allowed.size() ? ", and " : ", ") + quoted(allowed[i]);
  return api_error{"invalid_value",
                   "Invalid value: " + quoted(value) + ". Supported values are: " + list + ".",
                   path};
}

problem check_range(const json& range, const json& value, const std::string& path, bool integer) {
  const std::string kind = integer ? "integer" : "decimal";
  const double number = value.get<double>();
  const bool below = number < range[0].get<double>();
  if (!below && number <= range[1].get<double>())
    return std::nullopt;
  const auto& limit = below ? range[0] : range[1];
  const std::string which = below ? "below minimum" : "above maximum";
  return api_error{kind + (below ? "_below_min_value" : "_above_max_value"),
                   "Invalid '" + path + "': " + kind + " " + which + " value. Expected a value " +
                       (below ? ">= " : "<= ") + limit.dump() + ", but got " + value.dump() +
                       " instead.",
                   path};
}

problem check_keys(const json& keys, const json& value, const std::string& path, bool has_type) {
  if (!value.is_object())
    return wrong_type(value, path, "an object");
  for (const auto& [key, inner] : value.items()) {
    if (has_type && key == "type")
      continue;
    const auto name = joined(path, key);
    if (!keys.contains(key))
      return api_error{"unknown_parameter", "Unknown parameter: '" + name + "'.", name};
    if (auto found = find_problem(keys[key], inner, name))
      return found;
  }
  for (const auto& [key, node] : keys.items()) {
    const auto name = joined(path, key);
    if (node.value("required", false) && !value.contains(key))
      return api_error{"missing_required_parameter", "Missing required parameter: '" + name + "'.",
                       name};
  }
  return std::nullopt;
}

problem check_by_type(const json& types, const json& value, const std::string& path) {
  if (!value.is_object())
    return wrong_type(value, path, "an object");
  const auto name = joined(path, "type");
  if (!value.contains("type"))
    return api_error{"missing_required_parameter", "Missing required parameter: '" + name + "'.",
                     name};
  if (!value["type"].is_string())
    return wrong_type(value["type"], name, "a string");
  const auto type = value["type"].get<std::string>();
  if (types.contains(type))
    return check_keys(types[type], value, path, true);
  json allowed = json::array();
  for (const auto& [key, unused] : types.items())
    allowed.push_back(key);
  return wrong_value(value["type"], name, allowed);
}

problem check_array(const json& node, const json& value, const std::string& path) {
  if (!value.is_array())
    return wrong_type(value, path, "an array");
  for (size_t i = 0; i < value.size(); ++i)
    if (auto found = find_problem(node, value[i], path + "[" + std::to_string(i) + "]"))
      return found;
  return std::nullopt;
}

problem check_any_of(const json& nodes, const json& value, const std::string& path) {
  problem last;
  for (const auto& node : nodes) {
    last = find_problem(node, value, path);
    if (!last)
      break;
  }
  return last;
}

} // namespace

problem find_problem(const json& schema, const json& value, const std::string& path) {
  if (schema.contains("any") || (value.is_null() && schema.value("null", false)))
    return std::nullopt;
  if (schema.contains("object"))
    return check_keys(schema["object"], value, path, false);
  if (schema.contains("by_type"))
    return check_by_type(schema["by_type"], value, path);
  if (schema.contains("array"))
    return check_array(schema["array"], value, path);
  if (schema.contains("any_of"))
    return check_any_of(schema["any_of"], value, path);
  if (schema.contains("enum")) {
    const auto& allowed = schema["enum"];
    const bool known = std::find(allowed.begin(), allowed.end(), value) != allowed.end();
    return known ? std::nullopt : wrong_value(value, path, allowed);
  }
  if (schema.contains("string"))
    return value.is_string() ? std::nullopt : wrong_type(value, path, "a string");
  if (schema.contains("bool"))
    return value.is_boolean() ? std::nullopt : wrong_type(value, path, "a boolean");
  if (schema.contains("int"))
    return value.is_number_integer() ? check_range(schema["int"], value, path, true)
                                     : wrong_type(value, path, "an integer");
  return value.is_number() ? check_range(schema["number"], value, path, false)
                           : wrong_type(value, path, "a decimal");
}

} // namespace sim::openai
