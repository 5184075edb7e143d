#include "tools/sim_common/twilio_playout.hpp"
#include "tools/twilio_sim/call_impl.hpp"
#include "tools/twilio_sim/call_parameters.hpp"
#include "tools/twilio_sim/verdict.hpp"

#include <boost/asio/post.hpp>

#include <cstdio>
#include <iostream>
#include <utility>

namespace sim {

namespace {

constexpr size_t warnings_max = 50; // of one call in the report; the rest is counted

} // namespace

call_impl::call_impl(asio::io_context& io, const options& config, webhooks& http, int number,
                     std::function<void(const call_record&)> done)
    : io_{io},
      config_{config},
      http_{http},
      done_{std::move(done)},
      sid_{make_sid("CA")},
      verb_timer_{io},
      hang_up_timer_{io},
      limit_timer_{io},
      second_timer_{io},
      caller_{config.caller} {
  record_.number = number;
  record_.call_sid = sid_;
  record_.from = config.from;
  record_.to = config.to;
  for (const auto& x : config.caller.turns) {
    record_.turn_files.push_back(x.file);
  }
}

void call_impl::start() {
  started_ = steady::now();
  record_.started_at = iso8601_now();
  make_queues();
  limit_timer_.expires_after(milliseconds{config_.caller.duration_max_ms});
  limit_timer_.async_wait(guarded([this] { fail("the call did not end within --max-duration"); }));
  log("ringing " + http_.voice_url());
  tell_status("ringing");
  if (config_.faults.duplicate_webhook) {
    const auto params = call_parameters(config_, sid_, status_);
    request("voice", "POST", http_.voice_url(), params,
            [this](const http_answer&) { fetch("voice", "POST", http_.voice_url(), {}); });
  } else {
    fetch("voice", "POST", http_.voice_url(), {});
  }
}

void call_impl::complete_by_rest() {
  log("completed by the REST API");
  end("completed", "rest");
}

void call_impl::redirect_to_url(const std::string& url, const std::string& method) {
  log("redirected by the REST API to " + url);
  interrupt([this, url, method] { fetch("redirect", method, url, {}); });
}

void call_impl::redirect_to_twiml(const std::string& twiml) {
  log("redirected by the REST API to new TwiML");
  interrupt([this, twiml] { run_document(twiml, document_url_); });
}

int64_t call_impl::samples_since(steady::time_point from, steady::time_point to) {
  return std::chrono::duration_cast<std::chrono::microseconds>(to - from).count() * samples_per_ms /
         1000;
}

int64_t call_impl::ms_between(steady::time_point from, steady::time_point to) {
  return std::chrono::duration_cast<milliseconds>(to - from).count();
}

std::function<void(boost::system::error_code)> call_impl::guarded(std::function<void()> function) {
  return [self = shared_from_this(), function](boost::system::error_code ec) {
    if (!ec && !self->ending_) {
      function();
    }
  };
}

void call_impl::log(const std::string& text) const {
  if (!config_.quiet) {
    const auto s = static_cast<double>(ms_between(started_, steady::now())) / 1000;
    std::printf("[%d +%.2f] %s\n", record_.number, s, text.c_str());
    std::fflush(stdout);
  }
}

void call_impl::warn(int code, const std::string& text) {
  std::cerr << "call " << record_.number << " warning " << code << ": " << text << '\n';
  if (record_.warnings.size() < warnings_max) {
    record_.warnings.push_back({code, text});
  } else {
    ++record_.warnings_left_out;
  }
}

void call_impl::hang_up_in(int64_t ms) {
  hang_up_timer_.expires_after(milliseconds{ms});
  hang_up_timer_.async_wait(guarded([this] { hang_up(); }));
}

void call_impl::hang_up() {
  hanging_up_ = true;
  log("the caller hangs up");
  // Not from inside a stream's own handler.
  asio::post(io_, [self = shared_from_this()] { self->end("completed", "caller"); });
}

void call_impl::failure_if_none(const std::string& why) {
  if (record_.failure.empty()) {
    record_.failure = why;
  }
}

void call_impl::fail(const std::string& why) {
  failure_if_none(why);
  log("failed: " + why);
  hanging_up_ = true;
  asio::post(io_, [self = shared_from_this()] {
    self->end(self->record_.answered ? "completed" : "failed", "error");
  });
}

void call_impl::interrupt(std::function<void()> next) {
  ++generation_;
  verb_timer_.cancel();
  if (stream_) {
    after_stream_ = std::move(next);
    stream_->hang_up();
  } else {
    next();
  }
}

void call_impl::end(const std::string& status, const std::string& by) {
  if (ending_) {
    return;
  }
  ending_ = true;
  record_.ended_by = by;
  end_status_ = status;
  ended_ = steady::now();
  for (auto* timer : {&verb_timer_, &hang_up_timer_, &limit_timer_, &second_timer_}) {
    timer->cancel();
  }
  if (second_stream_) {
    second_stream_->hang_up();
  }
  const bool closes_first =
      config_.end_as == end_order::stop_close_report || config_.end_as == end_order::close_report;
  if (closes_first || !stream_) {
    interrupt([this] { hung_up(); });
  } else {
    report_first();
  }
}

/// The callback is delivered before the stream closes.
void call_impl::report_first() {
  if (config_.end_as == end_order::stop_report_close) {
    stream_->say_stop();
  }
  tell_end();
  auto self = shared_from_this();
  status_queue_->finish([self] {
    self->interrupt([self] {
      self->stream_queue_->finish([self] {
        self->callbacks_done_ = true;
        self->finish_if_over();
      });
    });
  });
}

void call_impl::tell_end() {
  status_ = end_status_;
  record_.status = status_;
  if (record_.answered) {
    record_.duration_s = static_cast<double>(ms_between(answered_, ended_)) / 1000;
  }
  if (!vanished_) {
    tell_status("completed");
  }
}

void call_impl::hung_up() {
  tell_end();
  if (vanished_) {
    callbacks_done_ = true;
    finish_if_over();
    return;
  }
  auto self = shared_from_this();
  stream_queue_->finish([self] {
    self->status_queue_->finish([self] {
      self->callbacks_done_ = true;
      self->finish_if_over();
    });
  });
}

void call_impl::finish_if_over() {
  if (!callbacks_done_ || second_stream_ || !done_) {
    return;
  }
  record_.turns = caller_.outcomes();
  judge(record_, config_, caller_.said_everything());
  try {
    caller_.save(record_.number);
  } catch (const std::exception& e) {
    record_.ok = false;
    failure_if_none(e.what());
  }
  std::exchange(done_, {})(record_);
}

std::shared_ptr<call> make_call(asio::io_context& io, const options& config, webhooks& http,
                                int number, std::function<void(const call_record&)> done) {
  return std::make_shared<call_impl>(io, config, http, number, std::move(done));
}

} // namespace sim
