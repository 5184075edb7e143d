#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace switchboard::test {

/// One input line of a golden conversation: at `at_ms` of call media time somebody does something.
struct script_step {
  uint64_t at_ms = 0;
  std::string line;               ///< as written, for the timeline
  std::vector<std::string> words; ///< who, what, and the arguments; quotes are taken off
  /// The n-th word, or nothing.
  const std::string& word(size_t n) const;
  uint64_t number(size_t n) const { return std::strtoull(word(n).c_str(), nullptr, 10); }
};

/// A golden conversation: a head of `#` lines, then the timeline. Lines with `>` are what happens
/// to the call, lines with `<` what the call does; only the former are read.
struct script {
  std::vector<std::string> head;
  std::vector<script_step> steps;
  std::string problem; ///< not empty: why the text is none, with its line
};

script parse_script(const std::string& text);

} // namespace switchboard::test
