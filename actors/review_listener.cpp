#include "actors/review_listener.hpp"

#include "conf/defaults/analysis.hpp"

#include <utility>

namespace switchboard::actors {

namespace {

namespace limits = defaults::analysis;

constexpr const char* question =
    "The phone call is over. Judge it for the records of its operator; the caller does not hear "
    "this. "
    "Answer with one JSON object and nothing else: "
    R"({"sentiment": "positive", "neutral" or "negative", how the caller felt at the end, )"
    R"("score": a number from -1 (very negative) to 1 (very positive) that agrees with it, )"
    R"("summary": one paragraph of at most 80 words on what the caller wanted and what came of it, )"
    R"("language": the ISO 639-1 code of the language that the caller spoke, or null}. )"
    "Say only what was said in the call.";

} // namespace

create_response review_question() {
  create_response ask;
  ask.instructions = question;
  ask.out_of_band_text = true;
  ask.metadata_kind = review_kind;
  ask.output_tokens_max = limits::review_tokens_max;
  return ask;
}

void review_listener::on_event(const model_event& event) {
  switch (event.type) {
  case model_event_type::response_created:
    if (response_id_.empty() && event.metadata_kind == review_kind)
      response_id_ = event.response_id;
    return;
  case model_event_type::text_done:
    if (!response_id_.empty() && event.response_id == response_id_)
      on_text(event.text);
    return;
  case model_event_type::response_done:
    if (response_id_.empty() || event.response_id != response_id_)
      return;
    if (event.usage)
      answer_.usage = *event.usage;
    completed_ = event.status == response_status::completed;
    over_ = true;
    return;
  case model_event_type::error:
    over_ = over_ || (!event_id_.empty() && event.error_event_id == event_id_);
    return;
  default:
    return;
  }
}

void review_listener::on_text(const std::string& text) {
  too_long_ = too_long_ || answer_.text.size() + text.size() > limits::review_bytes_max;
  if (!too_long_)
    answer_.text += text;
}

review_answer review_listener::take() {
  over_ = true;
  if (!completed_ || too_long_)
    answer_.text.clear();
  return std::exchange(answer_, {});
}

} // namespace switchboard::actors
