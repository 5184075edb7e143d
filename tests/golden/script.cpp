#include "tests/golden/script.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace switchboard::test {

namespace {

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false, begun = false;
  for (char c : line) {
    if (c == '"') {
      quoted = !quoted;
      begun = true;
    } else if (!quoted && std::isspace(static_cast<unsigned char>(c))) {
      if (begun)
        words.push_back(word);
      word.clear();
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (begun)
    words.push_back(word);
  return words;
}

} // namespace

const std::string& script_step::word(size_t n) const {
  static const std::string none;
  return n < words.size() ? words[n] : none;
}

script parse_script(const std::string& text) {
  script result;
  std::istringstream lines{text};
  std::string line;
  uint64_t latest = 0;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line[0] == '#') {
      if (result.steps.empty() && !line.empty())
        result.head.push_back(line);
      continue;
    }
    std::istringstream fields{line};
    script_step step;
    std::string direction;
    if (!(fields >> step.at_ms >> direction) || (direction != ">" && direction != "<")) {
      result.problem = "line " + std::to_string(number) + " is no step";
      return result;
    }
    if (direction == "<")
      continue;
    if (step.at_ms < latest || step.at_ms % 20 != 0) {
      result.problem = "line " + std::to_string(number) + ": times ascend in steps of 20 ms";
      return result;
    }
    latest = step.at_ms;
    std::getline(fields >> std::ws, step.line);
    step.words = split(step.line);
    result.steps.push_back(std::move(step));
  }
  if (result.steps.empty() || result.steps.back().line != "end")
    result.problem = "the last step is not `end`";
  return result;
}

} // namespace switchboard::test
