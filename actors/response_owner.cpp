#include "actors/response_owner.hpp"

#include "conf/defaults/model.hpp"

#include <algorithm>
#include <utility>

namespace switchboard::actors {

namespace limits = defaults::model;

void response_owner::merge(request more) {
  if (!wanted_) {
    wanted_ = std::move(more);
    return;
  }
  if (more.why == response_need::after_items)
    wanted_->why = more.why;
  if (!more.body.instructions.empty())
    wanted_->body = std::move(more.body);
  wanted_->since_ms = std::max(wanted_->since_ms, more.since_ms);
  wanted_->conflicts = std::max(wanted_->conflicts, more.conflicts);
  wanted_->while_speaking = wanted_->while_speaking && more.while_speaking;
}

void response_owner::want(response_need why, create_response body, uint64_t now_ms) {
  request fresh;
  fresh.why = why;
  fresh.body = std::move(body);
  fresh.since_ms = now_ms;
  fresh.while_speaking = speaking_;
  merge(std::move(fresh));
}

std::optional<create_response> response_owner::next(uint64_t now_ms) {
  if (asked_ && now_ms >= asked_->sent_ms + limits::response_ack_ms)
    asked_.reset();
  if (!wanted_ || asked_ || !active_.empty() || speaking_ || now_ms < not_before_ms_)
    return std::nullopt;
  asked_ = std::exchange(wanted_, std::nullopt);
  asked_->sent_ms = now_ms;
  return asked_->body;
}

void response_owner::sent(std::string event_id, uint64_t now_ms) {
  if (!asked_)
    return;
  asked_->event_id = std::move(event_id);
  asked_->sent_ms = now_ms;
}

/// A request that waits for the caller's turn is served by the response that the server makes after
/// it: the items were there before.
bool response_owner::served_by_new_response(const request& waiting, uint64_t now_ms) const {
  return waiting.why == response_need::any_answer ||
         (waiting.while_speaking && now_ms >= waiting.since_ms + limits::items_seen_after_ms);
}

void response_owner::on_created(const std::string& response_id, bool silent, uint64_t now_ms) {
  if (silent) {
    if (silent_.size() >= limits::silent_responses_max)
      silent_.erase(silent_.begin());
    silent_.push_back(response_id);
    return;
  }
  active_ = response_id;
  not_before_ms_ = 0; // what was waited for is here
  if (asked_)
    created_ = std::exchange(asked_, std::nullopt);
  if (wanted_ && served_by_new_response(*wanted_, now_ms))
    wanted_.reset();
}

void response_owner::on_done(const std::string& response_id) {
  const auto silent = std::find(silent_.begin(), silent_.end(), response_id);
  if (silent != silent_.end()) {
    silent_.erase(silent);
    return;
  }
  if (response_id != active_)
    return;
  active_.clear();
  failures_ = 0;
}

bool response_owner::on_failed(const std::string& response_id, uint64_t now_ms) {
  if (is_silent(response_id)) { // whoever asked for it does without
    on_done(response_id);
    return true;
  }
  if (response_id == active_)
    active_.clear();
  if (++failures_ >= limits::response_failures_max)
    return false;
  hold_until(now_ms + failures_ * limits::response_retry_ms);
  want(response_need::any_answer, created_ ? created_->body : create_response{}, now_ms);
  return true;
}

bool response_owner::on_refused(const std::string& event_id, bool other_is_active,
                                uint64_t now_ms) {
  if (event_id.empty())
    return false;
  auto& ours = asked_ && asked_->event_id == event_id ? asked_ : created_;
  if (!ours || ours->event_id != event_id)
    return false;
  auto refused = *std::exchange(ours, std::nullopt);
  // The response that stands in the way answers just as well, unless it has not seen our items.
  const bool again = refused.why == response_need::after_items || !other_is_active;
  if (!again || ++refused.conflicts > limits::response_conflicts_max)
    return true;
  if (active_.empty())
    hold_until(now_ms + refused.conflicts * limits::response_retry_ms / 4);
  refused.event_id.clear();
  refused.while_speaking = false;
  merge(std::move(refused));
  return true;
}

void response_owner::caller_stopped(uint64_t now_ms) {
  speaking_ = false;
  hold_until(now_ms + limits::server_answer_ms);
}

bool response_owner::is_silent(const std::string& response_id) const {
  return std::find(silent_.begin(), silent_.end(), response_id) != silent_.end();
}

bool response_owner::audible(const std::string& response_id) const {
  return !is_silent(response_id) && (interrupted_.empty() || response_id != interrupted_);
}

} // namespace switchboard::actors
