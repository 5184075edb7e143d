#include "actors/atoms.hpp"
#include "actors/openai_leg.hpp"
#include "conf/defaults/analysis.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

/// The call is over for everybody but us: the session is asked what it thinks of it, and then
/// closed.
/// @param reader gets the answer, an empty one if none comes.
void openai_leg::begin_review(const caf::actor& reader) {
  if (!talks()) {
    send(reader, atom::review_v, review_answer{});
    finish();
    return;
  }
  if (!responses_.active().empty()) // nobody would hear the rest, and it would be paid
    link_->send(cancel_response{responses_.active()});
  reader_ = reader;
  leave_call();
  review_.emplace(link_->send(review_question()));
  link_->flush();
  if (context_->node) {
    review_counted_ = true;
    ++context_->node->reviews;
  }
  send_later(defaults::analysis::review_deadline, atom::review_v);
}

void openai_leg::on_review_event(const model_event& event) {
  review_->on_event(event);
  if (!review_->over())
    return;
  end_review();
  finish();
}

void openai_leg::end_review() {
  if (!review_)
    return;
  auto answer = review_->take();
  review_.reset();
  if (answer.text.empty())
    log::warn("openai_leg", "no review of the call came", {{"call_id", setup_.call_id}});
  send(reader_, atom::review_v, std::move(answer));
  reader_ = nullptr;
}

/// However the leg ends, whoever waits is told.
void openai_leg::release_review() {
  end_review();
  if (review_counted_)
    --context_->node->reviews;
  review_counted_ = false;
}

} // namespace switchboard::actors
