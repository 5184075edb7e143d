#pragma once

#include "conf/config.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace switchboard::conf {

/// Finds the values of variables in the sources and collects what is wrong with them. A value that
/// is missing or wrong leaves its target as it was, so that reading goes on and finds the rest.
/// Used by one thread, inside load().
class reader {
public:
  reader(const sources& from, loaded& into) : from_(from), into_(into) {}

  /// The value in force, empty ones counting as not given. For secrets: also what the file named
  /// by `NAME_FILE` holds, without the line break at its end.
  std::optional<std::string> value(const std::string& name);

  /// Like value(), but empty is a value too ("none").
  std::optional<std::string> value_or_empty(const std::string& name);

  using predicate = std::function<bool(const std::string&)>;

  /// Text that must satisfy `valid`.
  void text(const std::string& name, std::string& target, const predicate& valid,
            const std::string& allowed);

  void number(const std::string& name, uint32_t& target, uint32_t min, uint32_t max);
  void flag(const std::string& name, bool& target);

  template <class T>
  void choice(const std::string& name, T& target,
              std::initializer_list<std::pair<std::string_view, T>> choices) {
    auto given = value(name);
    if (!given)
      return;
    std::string allowed;
    for (auto& [spelling, meaning] : choices) {
      if (*given == spelling) {
        target = meaning;
        return;
      }
      allowed += (allowed.empty() ? "" : ", ") + std::string(spelling);
    }
    wrong(name, *given, allowed);
  }

  /// Reports a value that is not allowed; shows it unless it is a secret.
  void wrong(const std::string& name, const std::string& given, const std::string& allowed);
  void problem(const std::string& name, const std::string& what, const std::string& allowed);
  void warning(const std::string& name, const std::string& what, const std::string& allowed);

  /// Whether a problem with this variable was reported already.
  bool reported(const std::string& name) const;

  /// Secrets among the options, options that do not exist, unknown names in `.env`.
  void check_names();

private:
  using values = std::map<std::string, std::string>;

  std::optional<std::string> find(const values& in, const std::string& name, bool empty_counts);
  std::optional<std::string> from_file(const std::string& name, const std::string& path);

  const sources& from_;
  loaded& into_;
};

} // namespace switchboard::conf
