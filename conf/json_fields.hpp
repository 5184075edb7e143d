#pragma once

#include "conf/config.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace switchboard::conf {

/// Reads the members of one JSON object and writes down what is wrong, with its place. What is
/// wrong leaves its target as it was, so that reading goes on and finds the rest; done() finds the
/// members that nobody asked for. Used inside one function on one thread.
class json_fields {
public:
  using problems = std::vector<problem>;
  using predicate = std::function<bool(const std::string&)>;

  /// @param path place of the object, e.g. `profiles.sales`; empty for the root.
  json_fields(const nlohmann::json& object, std::string path, problems& into);

  bool has(const std::string& key);
  void text(const std::string& key, std::string& target, const predicate& valid,
            const std::string& allowed);
  /// Text that no message shows.
  void secret(const std::string& key, std::string& target, size_t bytes_max);
  void flag(const std::string& key, bool& target);
  void number(const std::string& key, uint32_t& target, uint32_t min, uint32_t max);

  template <class T>
  void choice(const std::string& key, T& target,
              std::initializer_list<std::pair<const char*, T>> choices) {
    std::string given, allowed;
    for (auto& [spelling, meaning] : choices)
      allowed += (allowed.empty() ? "" : ", ") + std::string(spelling);
    text(
        key, given,
        [&](const std::string& value) {
          for (auto& [spelling, meaning] : choices)
            if (value == spelling) {
              target = meaning;
              return true;
            }
          return false;
        },
        allowed);
  }

  /// The member as an object or array; null (and a problem, unless it is absent) if it is not one.
  const nlohmann::json* object(const std::string& key);
  const nlohmann::json* array(const std::string& key, size_t entries_max);

  /// Reports the members that were never asked for.
  void done();

  std::string at(const std::string& key) const;
  void wrong(const std::string& place, const std::string& what, const std::string& allowed);

private:
  const nlohmann::json* find(const std::string& key);

  const nlohmann::json& object_;
  std::string path_;
  problems& problems_;
  std::set<std::string> asked_;
};

} // namespace switchboard::conf
