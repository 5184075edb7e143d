#pragma once

#include "actors/model_link.hpp"

#include <string>

namespace switchboard::actors {

/// Marks our question in `response.metadata.kind`.
constexpr const char* review_kind = "review";

/// What came of asking a model about a call that is over.
struct review_answer {
  std::string text;  ///< as the model wrote it; empty = nothing usable came
  model_usage usage; ///< what it cost all the same
};

/// The question: out of band, as text, bounded.
create_response review_question();

/// Follows the one response that answers it, among whatever else the session still says. Bounded
/// (defaults::analysis::review_bytes_max). Pure.
class review_listener {
public:
  /// @param event_id of the question, which a refusal names.
  explicit review_listener(std::string event_id) : event_id_(std::move(event_id)) {}

  void on_event(const model_event& event);
  /// Nothing more is to come.
  bool over() const { return over_; }
  /// @returns what came; without a text unless the response was completed within its bound.
  review_answer take();

private:
  void on_text(const std::string& text);

  std::string event_id_;
  std::string response_id_;
  review_answer answer_;
  bool completed_ = false;
  bool too_long_ = false;
  bool over_ = false;
};

} // namespace switchboard::actors
