#include "tools/twilio_sim/callbacks.hpp"

#include <algorithm>
#include <utility>

namespace sim {

callback_queue::callback_queue(bool shuffled, sender send)
    : shuffled_{shuffled}, send_{std::move(send)} {}

void callback_queue::add(callback x) {
  waiting_.push_back(std::move(x));
  if (!shuffled_ || finishing_) {
    next();
  }
}

void callback_queue::finish(std::function<void()> done) {
  finishing_ = true;
  done_ = std::move(done);
  if (shuffled_) {
    std::reverse(waiting_.begin(), waiting_.end()); // the order that is most likely to do harm
  }
  next();
}

void callback_queue::next() {
  if (sending_) {
    return;
  }
  if (waiting_.empty()) {
    if (finishing_ && done_) {
      std::exchange(done_, {})();
    }
    return;
  }
  sending_ = true;
  const auto first = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  send_(first, [self = shared_from_this()] {
    self->sending_ = false;
    self->next();
  });
}

} // namespace sim
