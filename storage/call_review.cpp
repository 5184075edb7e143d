#include "storage/call_review.hpp"

#include "conf/defaults/analysis.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace switchboard::storage {

namespace {

using nlohmann::json;
namespace limits = defaults::analysis;

std::string_view trimmed(std::string_view text) {
  constexpr const char* blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// Models like to write JSON as a block of Markdown, whatever they are told.
std::string_view without_fence(std::string_view text) {
  constexpr std::string_view fence = "```";
  text = trimmed(text);
  if (text.size() < 2 * fence.size() || text.substr(0, fence.size()) != fence ||
      text.substr(text.size() - fence.size()) != fence)
    return text;
  const auto first_line = text.find('\n');
  if (first_line == std::string_view::npos)
    return text;
  const auto tag = trimmed(text.substr(fence.size(), first_line - fence.size()));
  if (!tag.empty() && tag != "json")
    return text;
  return trimmed(text.substr(first_line, text.size() - fence.size() - first_line));
}

const json* member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::optional<std::string> text_of(const json& object, const char* name) {
  const auto* value = member(object, name);
  if (value == nullptr || !value->is_string())
    return std::nullopt;
  return value->get<std::string>();
}

bool is_sentiment(const std::string& text) {
  static const std::array<const char*, 3> known = {"positive", "neutral", "negative"};
  return std::any_of(known.begin(), known.end(), [&](const char* each) { return text == each; });
}

/// A mood of the other sign says that the model did not mean what it wrote.
bool agree(const std::string& sentiment, double score) {
  return score >= -1 && score <= 1 && !(sentiment == "positive" && score < 0) &&
         !(sentiment == "negative" && score > 0);
}

/// One line of text: what is to be stored and shown is a paragraph.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return std::string{trimmed(text)};
}

bool is_language(const std::string& code) {
  return code.size() == 2 &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// @returns false if it is there and neither a code nor null.
bool read_language(const json& object, std::string& into) {
  const auto* value = member(object, "language");
  if (value == nullptr || value->is_null())
    return true;
  if (!value->is_string())
    return false;
  into = value->get<std::string>();
  return is_language(into);
}

} // namespace

std::optional<call_review> parse_call_review(std::string_view answer) {
  if (answer.size() > limits::review_bytes_max)
    return std::nullopt;
  const auto text = without_fence(answer);
  const auto root = json::parse(text.begin(), text.end(), nullptr, false);
  if (!root.is_object())
    return std::nullopt;
  const auto sentiment = text_of(root, "sentiment");
  const auto summary = text_of(root, "summary");
  const auto* score = member(root, "score");
  if (!sentiment || !summary || score == nullptr || !score->is_number())
    return std::nullopt;
  call_review review;
  review.sentiment = *sentiment;
  review.score = score->get<double>();
  review.summary = one_line(*summary);
  const bool valid = is_sentiment(review.sentiment) && agree(review.sentiment, review.score) &&
                     !review.summary.empty() &&
                     review.summary.size() <= limits::summary_bytes_max &&
                     read_language(root, review.language);
  return valid ? std::optional<call_review>{std::move(review)} : std::nullopt;
}

} // namespace switchboard::storage
