#include "tools/twilio_sim/call_impl.hpp"
#include "tools/twilio_sim/call_parameters.hpp"

#include <algorithm>

namespace sim {

void call_impl::make_queues() {
  auto weak = std::weak_ptr<call_impl>{shared_from_this()};
  const auto send = [weak](const callback& x, std::function<void()> done) {
    if (auto self = weak.lock()) {
      self->request(x.kind, x.method, x.url, x.params, [self, x, done](const http_answer& in) {
        if (in.status < 200 || in.status > 299) {
          self->warn(error_http,
                     x.kind + " callback: " + in.error + " status " + std::to_string(in.status));
        }
        done();
      });
    }
  };
  status_queue_ = std::make_shared<callback_queue>(config_.shuffle_callbacks, send);
  stream_queue_ = std::make_shared<callback_queue>(config_.shuffle_stream_callbacks, send);
}

void call_impl::request(const std::string& kind, const std::string& method, const std::string& url,
                        const form_params& params, std::function<void(const http_answer&)> then) {
  http_.request(method, url, params,
                [self = shared_from_this(), kind, method, url, then](const http_answer& in) {
                  self->record_.http.push_back({kind, method, url, in.status, in.ms, in.error});
                  then(in);
                });
}

void call_impl::tell_status(const std::string& event) {
  const auto& events = config_.status_events;
  if (config_.status_callback.empty() ||
      std::find(events.begin(), events.end(), event) == events.end()) {
    return;
  }
  const auto sequence = status_sequence_++;
  auto params = call_parameters(config_, sid_, status_);
  const auto more =
      status_parameters(status_, sequence, event == "completed" ? record_.duration_s : -1);
  params.insert(params.end(), more.begin(), more.end());
  status_queue_->add({"status", "POST", config_.status_callback, std::move(params)});
}

void call_impl::tell_stream(const std::string& event, const std::string& error) {
  if (stream_callback_.empty() || !config_.stream_callbacks) {
    return;
  }
  form_params params{{"AccountSid", config_.account_sid},
                     {"CallSid", sid_},
                     {"StreamSid", stream_sid_},
                     {"StreamName", stream_name_.empty() ? stream_sid_ : stream_name_},
                     {"StreamEvent", event},
                     {"Timestamp", iso8601_now()}};
  if (!error.empty()) {
    params.emplace_back("StreamError", error);
  }
  stream_queue_->add({"stream", stream_callback_method_, stream_callback_, std::move(params)});
}

} // namespace sim
