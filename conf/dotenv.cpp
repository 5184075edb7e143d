#include "conf/config.hpp"
#include "conf/defaults/conf.hpp"
#include "conf/text.hpp"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>

extern char** environ;

namespace switchboard::conf {

namespace {

constexpr std::string_view spaces = " \t\r";

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

bool is_name(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0])))
    return false;
  for (unsigned char c : text)
    if (!std::isalnum(c) && c != '_')
      return false;
  return true;
}

char unescaped(char c) {
  return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

/// A quoted value: everything up to the closing quote, after which only a comment may stand.
std::optional<std::string> quoted(std::string_view text) {
  const char quote = text[0];
  std::string value;
  size_t i = 1;
  for (; i < text.size() && text[i] != quote; ++i) {
    if (quote == '"' && text[i] == '\\' && i + 1 < text.size())
      value += unescaped(text[++i]);
    else
      value += text[i];
  }
  if (i == text.size())
    return std::nullopt;
  auto rest = trimmed(text.substr(i + 1));
  if (!rest.empty() && rest[0] != '#')
    return std::nullopt;
  return value;
}

std::string bare(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i)
    if (text[i] == '#' && (i == 0 || spaces.find(text[i - 1]) != std::string_view::npos))
      return std::string(trimmed(text.substr(0, i)));
  return std::string(text);
}

/// @returns What is wrong with the line, or nothing.
const char* parse_line(std::string_view line, std::map<std::string, std::string>& into) {
  constexpr std::string_view export_word = "export ";
  if (line.substr(0, export_word.size()) == export_word)
    line = trimmed(line.substr(export_word.size()));
  auto equals = line.find('=');
  if (equals == std::string_view::npos)
    return "has no =";
  auto name = trimmed(line.substr(0, equals));
  if (!is_name(name))
    return "has no valid name before the =";
  auto rest = trimmed(line.substr(equals + 1));
  if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) {
    into[std::string(name)] = bare(rest);
    return nullptr;
  }
  auto value = quoted(rest);
  if (!value)
    return "has a quote that does not close, or text behind it";
  into[std::string(name)] = *value;
  return nullptr;
}

} // namespace

std::map<std::string, std::string> parse_dotenv(const std::string& text,
                                                std::vector<problem>& problems) {
  std::map<std::string, std::string> result;
  std::string_view rest = text;
  if (rest.substr(0, 3) == "\xEF\xBB\xBF") // editors on Windows leave a byte order mark
    rest.remove_prefix(3);
  for (size_t number = 1; !rest.empty(); ++number) {
    auto end = rest.find('\n');
    auto line = trimmed(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (line.empty() || line[0] == '#')
      continue;
    if (auto wrong = parse_line(line, result))
      problems.push_back({".env line " + std::to_string(number), wrong,
                          "NAME=VALUE, # and a comment, or nothing"});
  }
  return result;
}

std::map<std::string, std::string> read_dotenv(const std::string& path, bool required,
                                               std::vector<problem>& problems) {
  auto content = read_small_file(path, defaults::conf::dotenv_bytes_max);
  if (!content.text) {
    if (required || content.error != ENOENT)
      problems.push_back({path, content.what(), "a readable file of at most 1 MiB"});
    return {};
  }
  return parse_dotenv(*content.text, problems);
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> result;
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string_view text = *entry;
    auto equals = text.find('=');
    if (equals != std::string_view::npos)
      result.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return result;
}

} // namespace switchboard::conf
