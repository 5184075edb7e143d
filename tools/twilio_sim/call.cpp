#include "tools/twilio_sim/call.hpp"

#include "tools/sim_common/twilio_playout.hpp"
#include "tools/sim_common/twilio_twiml.hpp"
#include "tools/twilio_sim/call_parameters.hpp"
#include "tools/twilio_sim/callbacks.hpp"
#include "tools/twilio_sim/caller.hpp"
#include "tools/twilio_sim/extra_stream.hpp"
#include "tools/twilio_sim/media_stream.hpp"
#include "tools/twilio_sim/verdict.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>

namespace sim {

namespace {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr size_t warnings_max = 50;            // of one call in the report; the rest is counted
constexpr int redirects_max = 20;              // documents of one call, against endless <Redirect>
constexpr int64_t play_digit_ms = 250;         // a digit of <Play digits>
constexpr int64_t first_timestamp_step_ms = 7; // a stream's first timestamp is small, not 0

constexpr int error_http = 11200;
constexpr int error_content_type = 12300;
constexpr int error_stream_url = 31923;

bool is_xml(const std::string& content_type) {
  const auto type = content_type.substr(0, content_type.find(';'));
  return type == "text/xml" || type == "application/xml" || type == "text/html";
}

class call_impl : public call,
                  public stream_listener,
                  public std::enable_shared_from_this<call_impl> {
public:
  call_impl(asio::io_context& io, const options& config, webhooks& http, int number,
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

  void start() override {
    started_ = steady::now();
    record_.started_at = iso8601_now();
    make_queues();
    limit_timer_.expires_after(milliseconds{config_.caller.duration_max_ms});
    limit_timer_.async_wait(
        guarded([this] { fail("the call did not end within --max-duration"); }));
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

  const std::string& sid() const override { return sid_; }
  bool ended() const override { return ending_; }
  const std::string& status() const override { return status_; }

  void complete_by_rest() override {
    log("completed by the REST API");
    end("completed", "rest");
  }

  void redirect_to_url(const std::string& url, const std::string& method) override {
    log("redirected by the REST API to " + url);
    interrupt([this, url, method] { fetch("redirect", method, url, {}); });
  }

  void redirect_to_twiml(const std::string& twiml) override {
    log("redirected by the REST API to new TwiML");
    interrupt([this, twiml] { run_document(twiml, document_url_); });
  }

  // -- stream_listener ----------------------------------------------------------------------------

  int64_t stream_opened() override {
    const auto now = steady::now();
    if (!first_stream_) {
      first_stream_ = now;
      if (config_.caller.hang_up_after_ms) {
        hang_up_in(*config_.caller.hang_up_after_ms);
      }
      open_second_stream_later();
    }
    log("stream " + stream_sid_ + " open");
    tell_stream("stream-started", "");
    return samples_since(*first_stream_, now);
  }

  std::string caller_frame(int64_t at, size_t count) override { return caller_.frame(at, count); }

  void audio_played(int64_t at, std::string_view ulaw) override {
    if (record_.answer_to_first_audio_ms < 0) {
      record_.answer_to_first_audio_ms =
          ms_between(answered_, *first_stream_) + at / samples_per_ms;
    }
    caller_.hear(at, ulaw);
  }

  void stream_tick(int64_t at, bool buffered) override {
    if (hanging_up_) {
      return;
    }
    const auto act = caller_.tick(at, buffered);
    for (char digit : act.digits) {
      stream_->press(digit);
    }
    if (act.action == turn_action::speak) {
      log("caller says " + act.file);
    } else if (act.action == turn_action::hang_up) {
      hang_up();
    } else if (act.action == turn_action::give_up) {
      fail("the agent did not speak within --turn-timeout");
    }
  }

  void stream_warning(int code, const std::string& text) override { warn(code, text); }

  void stream_ended(const stream_record& record) override {
    stream_.reset();
    record_.streams.push_back(record);
    record_.refused |= record.ended_by == "refused" || record.close_code == 1008 ||
                       (config_.faults.no_start && record.ended_by == "server");
    log("stream over: " + record.ended_by +
        (record.close_code != 0 ? " (close " + std::to_string(record.close_code) + ")" : "") +
        (record.error.empty() ? "" : ", " + record.error));
    tell_stream(record.error.empty() ? "stream-stopped" : "stream-error", record.error);
    stream_callback_.clear();
    if (after_stream_) {
      std::exchange(after_stream_, {})();
    } else if (record.ended_by == "reset" && config_.faults.vanish) {
      vanished_ = true;
      end("completed", "carrier");
    } else {
      connect_ended(record);
    }
  }

private:
  static int64_t samples_since(steady::time_point from, steady::time_point to) {
    return std::chrono::duration_cast<std::chrono::microseconds>(to - from).count() *
           samples_per_ms / 1000;
  }

  static int64_t ms_between(steady::time_point from, steady::time_point to) {
    return std::chrono::duration_cast<milliseconds>(to - from).count();
  }

  /// A timer handler that does nothing when cancelled or when the call is ending.
  std::function<void(boost::system::error_code)> guarded(std::function<void()> function) {
    return [self = shared_from_this(), function](boost::system::error_code ec) {
      if (!ec && !self->ending_) {
        function();
      }
    };
  }

  void log(const std::string& text) const {
    if (!config_.quiet) {
      const auto s = static_cast<double>(ms_between(started_, steady::now())) / 1000;
      std::printf("[%d +%.2f] %s\n", record_.number, s, text.c_str());
      std::fflush(stdout);
    }
  }

  void warn(int code, const std::string& text) {
    std::cerr << "call " << record_.number << " warning " << code << ": " << text << '\n';
    if (record_.warnings.size() < warnings_max) {
      record_.warnings.push_back({code, text});
    } else {
      ++record_.warnings_left_out;
    }
  }

  // -- webhooks and callbacks ---------------------------------------------------------------------

  void make_queues() {
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

  void request(const std::string& kind, const std::string& method, const std::string& url,
               const form_params& params, std::function<void(const http_answer&)> then) {
    http_.request(method, url, params,
                  [self = shared_from_this(), kind, method, url, then](const http_answer& in) {
                    self->record_.http.push_back({kind, method, url, in.status, in.ms, in.error});
                    then(in);
                  });
  }

  void tell_status(const std::string& event) {
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

  void tell_stream(const std::string& event, const std::string& error) {
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

  // -- TwiML --------------------------------------------------------------------------------------

  void fetch(const std::string& kind, const std::string& method, const std::string& url,
             const form_params& more) {
    if (++documents_ > redirects_max) {
      fail("more than " + std::to_string(redirects_max) + " documents");
      return;
    }
    auto params = call_parameters(config_, sid_, status_);
    params.insert(params.end(), more.begin(), more.end());
    const auto generation = ++generation_;
    request(kind, method, url, params, [this, kind, url, generation](const http_answer& in) {
      if (generation == generation_ && !ending_) {
        fetched(kind, url, in);
      }
    });
  }

  void fetched(const std::string& kind, const std::string& url, const http_answer& in) {
    if (in.status < 200 || in.status > 299) {
      record_.refused |= in.status >= 400 && in.status <= 499;
      const auto why = in.status == 0 ? in.error : "status " + std::to_string(in.status);
      fail(kind + " webhook (error " + std::to_string(error_http) + "): " + why);
      return;
    }
    if (!is_xml(in.content_type)) {
      fail(kind + " webhook (error " + std::to_string(error_content_type) +
           "): the content type is \"" + in.content_type + "\", not XML");
      return;
    }
    run_document(in.body, url);
  }

  void run_document(const std::string& text, const std::string& url) {
    ++generation_;
    document_ = parse_twiml(text);
    document_url_ = url;
    next_verb_ = 0;
    for (const auto& x : document_.warnings) {
      warn(x.code, x.text);
    }
    if (!document_.error.empty()) {
      fail("TwiML (error " + std::to_string(document_.error_code) + "): " + document_.error);
      return;
    }
    const bool reject =
        !document_.verbs.empty() && document_.verbs[0].kind == twiml_verb_kind::reject;
    if (!record_.answered && !reject) {
      answer();
    }
    run_verb();
  }

  void answer() {
    answered_ = steady::now();
    record_.answered = true;
    record_.answered_after_ms = static_cast<double>(ms_between(started_, answered_));
    status_ = "in-progress";
    log("answered");
    tell_status("answered");
    if (config_.caller.hang_up_after_ms) {
      hang_up_in(*config_.caller.hang_up_after_ms);
    }
  }

  void run_verb_after(int64_t ms) {
    verb_timer_.expires_after(milliseconds{ms});
    verb_timer_.async_wait(guarded([this] { run_verb(); }));
  }

  void run_verb() {
    if (ending_) {
      return;
    }
    if (next_verb_ >= document_.verbs.size()) {
      log("end of the TwiML");
      end("completed", "server");
      return;
    }
    const auto verb = document_.verbs[next_verb_++];
    record_.verbs.push_back(verb.text.empty() ? verb.name : verb.name + ": " + verb.text);
    log("<" + verb.name + "> " + verb.text + verb.stream.url);
    obey(verb);
  }

  void obey(const twiml_verb& verb) {
    switch (verb.kind) {
    case twiml_verb_kind::say:
      run_verb_after(virtual_speech_ms(verb.text));
      break;
    case twiml_verb_kind::pause:
      run_verb_after(static_cast<int64_t>(verb.length_s * 1000));
      break;
    case twiml_verb_kind::play:
      play(verb);
      break;
    case twiml_verb_kind::hangup:
      end("completed", "server");
      break;
    case twiml_verb_kind::reject:
      record_.rejected = true;
      end(verb.reason == "busy" ? "busy" : "no-answer", "server");
      break;
    case twiml_verb_kind::redirect:
      fetch("redirect", verb.method, resolve_url(document_url_, verb.text), {});
      break;
    case twiml_verb_kind::dial:
      dial(verb);
      break;
    case twiml_verb_kind::connect_stream:
      connect(verb);
      break;
    case twiml_verb_kind::unsupported:
      run_verb();
      break;
    }
  }

  void play(const twiml_verb& verb) {
    if (!verb.digits.empty()) {
      int64_t ms = 0;
      for (char c : verb.digits) {
        ms += c == 'W' ? 1000 : c == 'w' ? 500 : play_digit_ms;
      }
      record_.verbs.back() += " digits " + verb.digits;
      run_verb_after(ms);
      return;
    }
    const auto generation = generation_;
    request("play", "GET", resolve_url(document_url_, verb.text), {},
            [this, generation](const http_answer& in) {
              if (in.status < 200 || in.status > 299) {
                warn(error_http, "<Play>: status " + std::to_string(in.status) + " " + in.error);
              }
              if (generation == generation_) {
                run_verb();
              }
            });
  }

  void dial(const twiml_verb& verb) {
    log("dialling " + verb.text + ": nobody answers");
    if (verb.action.empty()) {
      run_verb();
      return;
    }
    fetch("action", verb.method, resolve_url(document_url_, verb.action),
          {{"DialCallStatus", "no-answer"}, {"DialBridged", "false"}});
  }

  // -- the media stream ---------------------------------------------------------------------------

  void connect(const twiml_verb& verb) {
    connect_verb_ = verb;
    stream_sid_ = make_sid("MZ");
    stream_name_ = verb.stream.name;
    stream_callback_ = verb.stream.status_callback.empty()
                           ? ""
                           : resolve_url(document_url_, verb.stream.status_callback);
    stream_callback_method_ = verb.stream.status_callback_method;
    stream_ = make_stream(stream_sid_, shared_from_this(), true);
    if (!stream_) {
      warn(error_stream_url, "the stream cannot be reached: " + verb.stream.url);
      fail("the stream URL cannot be reached: " + verb.stream.url);
      return;
    }
    stream_->open();
  }

  std::shared_ptr<media_stream> make_stream(const std::string& stream_sid,
                                            std::shared_ptr<stream_listener> listener,
                                            bool faulty) {
    stream_setup setup;
    setup.url = connect_verb_.stream.url;
    const auto to = http_.route_of(setup.url);
    if (!to) {
      return nullptr;
    }
    setup.to = *to;
    setup.signature = http_.stream_signature(*to);
    setup.id = {stream_sid, config_.account_sid, sid_};
    setup.parameters = connect_verb_.stream.parameters;
    setup.first_timestamp_ms = first_timestamp_step_ms * (1 + record_.number % 5);
    setup.faulty = faulty;
    if (config_.faults.bad_ticket) {
      alter_ticket(setup.parameters);
    }
    return make_media_stream(io_, config_.faults, std::move(setup), std::move(listener));
  }

  static void alter_ticket(std::map<std::string, std::string>& parameters) {
    const bool named = parameters.count("ticket") != 0;
    for (auto& [name, value] : parameters) {
      if (!named || name == "ticket") {
        const bool is_x = !value.empty() && value.back() == 'x';
        value = value.empty() ? "x" : value.substr(0, value.size() - 1) + (is_x ? 'y' : 'x');
      }
    }
  }

  void connect_ended(const stream_record& record) {
    if (ending_) {
      return;
    }
    if (record.ended_by == "refused" || record.ended_by == "error") {
      failure_if_none("stream: " + record.error);
    }
    if (connect_verb_.action.empty()) {
      run_verb();
      return;
    }
    fetch("action", connect_verb_.method, resolve_url(document_url_, connect_verb_.action), {});
  }

  void open_second_stream_later() {
    if (!config_.second_stream_ms) {
      return;
    }
    second_timer_.expires_after(milliseconds{*config_.second_stream_ms});
    second_timer_.async_wait(guarded([this] { open_second_stream(); }));
  }

  void open_second_stream() {
    auto self = shared_from_this();
    auto listener =
        make_extra_stream([self] { return samples_since(*self->first_stream_, steady::now()); },
                          [self](const stream_record& record) {
                            self->second_stream_.reset();
                            self->record_.streams.push_back(record);
                            self->log("second stream over: " + record.ended_by + " close " +
                                      std::to_string(record.close_code));
                            self->finish_if_over();
                          });
    second_stream_ = make_stream(make_sid("MZ"), listener, false);
    if (second_stream_) {
      log("opening a second stream");
      second_stream_->open();
    }
  }

  // -- the end ------------------------------------------------------------------------------------

  void hang_up_in(int64_t ms) {
    hang_up_timer_.expires_after(milliseconds{ms});
    hang_up_timer_.async_wait(guarded([this] { hang_up(); }));
  }

  void hang_up() {
    hanging_up_ = true;
    log("the caller hangs up");
    // Not from inside a stream's own handler.
    asio::post(io_, [self = shared_from_this()] { self->end("completed", "caller"); });
  }

  void failure_if_none(const std::string& why) {
    if (record_.failure.empty()) {
      record_.failure = why;
    }
  }

  void fail(const std::string& why) {
    failure_if_none(why);
    log("failed: " + why);
    hanging_up_ = true;
    asio::post(io_, [self = shared_from_this()] {
      self->end(self->record_.answered ? "completed" : "failed", "error");
    });
  }

  /// Ends the running TwiML, and its stream first; then does `next`.
  void interrupt(std::function<void()> next) {
    ++generation_;
    verb_timer_.cancel();
    if (stream_) {
      after_stream_ = std::move(next);
      stream_->hang_up();
    } else {
      next();
    }
  }

  void end(const std::string& status, const std::string& by) {
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
    interrupt([this] { hung_up(); });
  }

  void hung_up() {
    status_ = end_status_;
    record_.status = status_;
    if (record_.answered) {
      record_.duration_s = static_cast<double>(ms_between(answered_, ended_)) / 1000;
    }
    if (vanished_) {
      callbacks_done_ = true;
      finish_if_over();
      return;
    }
    tell_status("completed");
    auto self = shared_from_this();
    stream_queue_->finish([self] {
      self->status_queue_->finish([self] {
        self->callbacks_done_ = true;
        self->finish_if_over();
      });
    });
  }

  void finish_if_over() {
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

  asio::io_context& io_;
  const options& config_;
  webhooks& http_;
  std::function<void(const call_record&)> done_;
  std::string sid_;
  std::string status_ = "ringing";
  std::string end_status_;
  call_record record_;
  steady::time_point started_, answered_, ended_;
  std::optional<steady::time_point> first_stream_; // zero of the call's timeline
  asio::steady_timer verb_timer_, hang_up_timer_, limit_timer_, second_timer_;
  std::shared_ptr<callback_queue> status_queue_, stream_queue_;
  int status_sequence_ = 0;

  twiml_document document_;
  std::string document_url_;
  size_t next_verb_ = 0;
  uint64_t generation_ = 0; // of the TwiML; answers for an older one are ignored
  int documents_ = 0;

  twiml_verb connect_verb_;
  std::shared_ptr<media_stream> stream_, second_stream_;
  std::string stream_sid_, stream_name_, stream_callback_, stream_callback_method_;
  std::function<void()> after_stream_; // instead of going on with the TwiML

  caller caller_;
  bool hanging_up_ = false;
  bool ending_ = false;
  bool vanished_ = false;
  bool callbacks_done_ = false;
};

} // namespace

std::shared_ptr<call> make_call(asio::io_context& io, const options& config, webhooks& http,
                                int number, std::function<void(const call_record&)> done) {
  return std::make_shared<call_impl>(io, config, http, number, std::move(done));
}

} // namespace sim
