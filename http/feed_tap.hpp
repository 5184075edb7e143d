#pragma once

#include "actors/line.hpp"
#include "actors/messages.hpp"

#include <functional>
#include <mutex>
#include <string>

namespace switchboard::http {

/// Carries updates and erasures from the feed's thread to the http thread.
class feed_tap : public actors::feed_sink {
public:
  feed_tap(actors::line* to, std::function<void(const actors::feed_event_ptr&)> deliver,
           std::function<void(const std::string& call_id)> forget)
      : to_(to), deliver_(std::move(deliver)), forget_(std::move(forget)) {}

  void on_feed_event(actors::feed_event_ptr event) override {
    std::lock_guard<std::mutex> guard{mutex_};
    if (to_ != nullptr)
      to_->post([deliver = deliver_, event = std::move(event)] { deliver(event); });
  }

  void on_call_erased(const std::string& call_id) override {
    std::lock_guard<std::mutex> guard{mutex_};
    if (to_ != nullptr)
      to_->post([forget = forget_, call_id] { forget(call_id); });
  }

  /// Nothing is posted to the line any more. Any thread.
  void cut() {
    std::lock_guard<std::mutex> guard{mutex_};
    to_ = nullptr;
    deliver_ = nullptr;
    forget_ = nullptr;
  }

private:
  std::mutex mutex_; // rare events, not audio
  actors::line* to_;
  std::function<void(const actors::feed_event_ptr&)> deliver_;
  std::function<void(const std::string&)> forget_;
};

} // namespace switchboard::http
