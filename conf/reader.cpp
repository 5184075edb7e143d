#include "conf/reader.hpp"

#include "conf/defaults/conf.hpp"
#include "conf/text.hpp"

#include <algorithm>

namespace switchboard::conf {

namespace {

const variable* find_variable(const std::string& name) {
  auto& table = variables();
  auto found = std::find_if(table.begin(), table.end(), [&](auto& v) { return v.name == name; });
  return found == table.end() ? nullptr : &*found;
}

bool is_secret(const std::string& name) {
  auto found = find_variable(name);
  return found && found->secret;
}

/// The secret that a `NAME_FILE` variable stands for, or nothing.
std::optional<std::string> secret_of_file_name(const std::string& name) {
  constexpr std::string_view suffix = "_FILE";
  if (name.size() <= suffix.size() || name.substr(name.size() - suffix.size()) != suffix)
    return std::nullopt;
  auto base = name.substr(0, name.size() - suffix.size());
  return is_secret(base) ? std::optional(base) : std::nullopt;
}

bool is_known(const std::string& name) {
  return find_variable(name) || name == "NODE_ENV" || secret_of_file_name(name);
}

std::string secret_ways(const std::string& name) {
  return "the environment, .env, or " + name + "_FILE naming a file";
}

} // namespace

std::optional<std::string> reader::from_file(const std::string& name, const std::string& path) {
  if (reported(name + "_FILE"))
    return std::nullopt; // asked for again: once is enough
  auto content = read_small_file(path, defaults::conf::secret_file_bytes_max);
  if (!content.text) {
    problem(name + "_FILE", content.what(), "a readable file that holds only the value");
    return std::nullopt;
  }
  auto text = *content.text;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  if (text.empty()) {
    problem(name + "_FILE", "names an empty file", "a readable file that holds only the value");
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> reader::find(const values& in, const std::string& name,
                                        bool empty_counts) {
  auto found = in.find(name);
  bool given = found != in.end() && (empty_counts || !found->second.empty());
  if (is_secret(name)) {
    auto file = in.find(name + "_FILE");
    if (file != in.end() && !file->second.empty()) {
      if (!given)
        return from_file(name, file->second);
      if (!reported(name))
        problem(name, "is given twice, as " + name + " and as " + name + "_FILE", "one of them");
    }
  }
  return given ? std::optional(found->second) : std::nullopt;
}

std::optional<std::string> reader::value(const std::string& name) {
  for (auto* source : {&from_.options, &from_.environment, &from_.dotenv}) {
    auto found = find(*source, name, false);
    // A file that was named but could not be read is not replaced by a weaker source.
    if (found || reported(name + "_FILE"))
      return found;
  }
  return std::nullopt;
}

std::optional<std::string> reader::value_or_empty(const std::string& name) {
  for (auto* source : {&from_.options, &from_.environment, &from_.dotenv})
    if (auto found = find(*source, name, true))
      return found;
  return std::nullopt;
}

void reader::text(const std::string& name, std::string& target, const predicate& valid,
                  const std::string& allowed) {
  auto given = value(name);
  if (!given)
    return;
  if (valid(*given))
    target = *given;
  else
    wrong(name, *given, allowed);
}

void reader::number(const std::string& name, uint32_t& target, uint32_t min, uint32_t max) {
  auto given = value(name);
  if (!given)
    return;
  auto parsed = parse_number(*given);
  if (parsed && *parsed >= min && *parsed <= max)
    target = static_cast<uint32_t>(*parsed);
  else
    wrong(name, *given,
          "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
}

void reader::flag(const std::string& name, bool& target) {
  auto given = value(name);
  if (!given)
    return;
  if (auto parsed = parse_flag(*given))
    target = *parsed;
  else
    wrong(name, *given, "true or false");
}

void reader::wrong(const std::string& name, const std::string& given, const std::string& allowed) {
  problem(name, is_secret(name) ? "has a value that is not allowed" : "is " + shown(given),
          allowed);
}

void reader::problem(const std::string& name, const std::string& what, const std::string& allowed) {
  into_.problems.push_back({name, what, allowed});
}

void reader::warning(const std::string& name, const std::string& what, const std::string& allowed) {
  into_.warnings.push_back({name, what, allowed});
}

bool reader::reported(const std::string& name) const {
  return std::any_of(into_.problems.begin(), into_.problems.end(),
                     [&](auto& p) { return p.name == name; });
}

void reader::check_names() {
  for (auto& entry : from_.options) {
    if (is_secret(entry.first))
      problem(entry.first, "is given on the command line, where everybody can read it",
              secret_ways(entry.first));
    else if (!is_known(entry.first))
      problem(entry.first, "is not a variable", "the names that --help lists");
  }
  for (auto& entry : from_.dotenv)
    if (!is_known(entry.first))
      warning(entry.first, "stands in .env but is not a variable of this program",
              "the names of conf/switchboard.env.example");
}

} // namespace switchboard::conf
