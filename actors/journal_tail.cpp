#include "actors/journal_tail.hpp"

#include "conf/defaults/call.hpp"

#include <utility>

namespace switchboard::actors {

namespace {

namespace limits = defaults::call;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

} // namespace

journal_loss journal_tail::add(record_batch batch, monotonic now) {
  const auto after = std::exchange(facts_until_, now);
  const size_t size = batch->size();
  if (bytes_ + size > limits::recorder_bytes_max)
    return {size, duration_cast<milliseconds>(now - after).count()};
  waiting_.push_back({std::move(batch), now, after});
  bytes_ += size;
  return {};
}

journal_tail::news journal_tail::look(monotonic now) {
  if (ticket_ == nullptr)
    return news::none;
  switch (state_of(ticket_)) {
  case append_ticket::state::written:
    return written();
  case append_ticket::state::failed:
    return failed(now);
  default:
    break;
  }
  if (late_ || now - on_way_since_ < limits::disk_timeout)
    return news::none;
  if (ticket_->take_back())
    return failed(now);
  late_ = true; // the disk may write it yet: what it has begun is waited for
  return std::exchange(failing_, true) ? news::none : news::late;
}

journal_tail::news journal_tail::written() {
  waited_ = duration_cast<milliseconds>(ticket_->settled_at() - waiting_.front().since);
  ticket_ = nullptr;
  late_ = false;
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(on_way_batches_));
  bytes_ -= on_way_bytes_;
  return std::exchange(failing_, false) ? news::resumed : news::written;
}

journal_tail::news journal_tail::failed(monotonic now) {
  ticket_ = nullptr;
  late_ = false;
  retry_at_ = now + limits::recorder_retry;
  return std::exchange(failing_, true) ? news::none : news::failed;
}

std::optional<journal_append> journal_tail::next(monotonic now) {
  if (ticket_ != nullptr || waiting_.empty() || now < retry_at_)
    return std::nullopt;
  record_batches all;
  all.reserve(waiting_.size());
  for (auto& one : waiting_)
    all.push_back(one.batch);
  on_way_batches_ = waiting_.size();
  on_way_bytes_ = bytes_;
  on_way_since_ = now;
  ticket_ = std::make_shared<append_ticket>(std::move(all));
  return journal_append{ticket_, {}};
}

journal_loss journal_tail::give_up() {
  journal_loss lost;
  lost.bytes = bytes_;
  for (auto& one : waiting_)
    lost.ms += duration_cast<milliseconds>(one.since - one.after).count();
  if (ticket_ != nullptr)
    ticket_->take_back(); // what the disk has begun it may finish
  waiting_.clear();
  bytes_ = 0;
  ticket_ = nullptr;
  late_ = failing_ = false;
  return lost;
}

} // namespace switchboard::actors
