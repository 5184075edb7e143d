#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace switchboard::storage {

/// What a model said of a call that is over.
struct call_review {
  std::string sentiment; ///< positive, neutral or negative: the caller's
  double score = 0;      ///< of the caller's mood, -1 to 1; never against `sentiment`
  std::string summary;   ///< one paragraph, one line; never empty
  std::string language;  ///< that the caller spoke, ISO 639-1; empty = the model does not know
};

/// Reads a model's answer: one JSON object with `sentiment`, `score`, `summary` and perhaps
/// `language` (or null), alone or in one fence of Markdown. Members that nobody asked for are
/// passed over. An answer of which anything else is wrong is none: what is not known of a call is
/// absent, never guessed. Never throws; takes any bytes, more than
/// defaults::analysis::review_bytes_max are not looked at.
std::optional<call_review> parse_call_review(std::string_view answer);

} // namespace switchboard::storage
