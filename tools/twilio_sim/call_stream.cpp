#include "tools/sim_common/twilio_playout.hpp"
#include "tools/twilio_sim/call_impl.hpp"
#include "tools/twilio_sim/call_parameters.hpp"
#include "tools/twilio_sim/extra_stream.hpp"

#include <utility>

namespace sim {

namespace {

constexpr int64_t first_timestamp_step_ms = 7; // a stream's first timestamp is small, not 0
constexpr int close_policy = 1008;             // how the server refuses after the upgrade
constexpr int error_stream_url = 31923;

} // namespace

int64_t call_impl::stream_opened() {
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

void call_impl::audio_played(int64_t at, std::string_view ulaw) {
  if (record_.answer_to_first_audio_ms < 0) {
    record_.answer_to_first_audio_ms = ms_between(answered_, *first_stream_) + at / samples_per_ms;
  }
  caller_.hear(at, ulaw);
}

void call_impl::stream_tick(int64_t at, bool buffered) {
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

void call_impl::stream_ended(const stream_record& record) {
  stream_.reset();
  record_.streams.push_back(record);
  record_.refused |= record.ended_by == "refused" || record.close_code == close_policy ||
                     (config_.faults.no_start && record.ended_by == "server");
  log("stream over: " + record.ended_by +
      (record.close_code != 0 ? " (close " + std::to_string(record.close_code) + ")" : "") +
      (record.error.empty() ? "" : ", " + record.error));
  const bool failed = record.ended_by != "carrier" && !record.error.empty();
  tell_stream(failed ? "stream-error" : "stream-stopped", failed ? record.error : "");
  stream_callback_.clear();
  if (after_stream_) {
    std::exchange(after_stream_, {})();
  } else if (record.ended_by == "reset" && config_.faults.vanish) {
    vanished_ = true;
    end("completed", "carrier");
  } else if (!ending_) {
    connect_ended(record);
  }
}

void call_impl::connect(const twiml_verb& verb) {
  connect_verb_ = verb;
  stream_sid_ = make_sid("MZ");
  stream_name_ = verb.stream.name;
  stream_callback_ = verb.stream.status_callback.empty()
                         ? ""
                         : resolve_url(document_url_, verb.stream.status_callback);
  stream_callback_method_ = verb.stream.status_callback_method;
  // Faults hit the first stream; the one after a resume is to show that the call goes on.
  stream_ = make_stream(stream_sid_, shared_from_this(), !std::exchange(had_stream_, true));
  if (!stream_) {
    warn(error_stream_url, "the stream cannot be reached: " + verb.stream.url);
    fail("the stream URL cannot be reached: " + verb.stream.url);
    return;
  }
  stream_->open();
}

std::shared_ptr<media_stream> call_impl::make_stream(const std::string& stream_sid,
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
  setup.says_stop =
      config_.end_as != end_order::close_report && config_.end_as != end_order::report_close;
  if (config_.faults.bad_ticket) {
    alter_ticket(setup.parameters);
  }
  return make_media_stream(io_, config_.faults, std::move(setup), std::move(listener));
}

void call_impl::alter_ticket(std::map<std::string, std::string>& parameters) {
  const bool named = parameters.count("ticket") != 0;
  for (auto& [name, value] : parameters) {
    if (!named || name == "ticket") {
      const bool is_x = !value.empty() && value.back() == 'x';
      value = value.empty() ? "x" : value.substr(0, value.size() - 1) + (is_x ? 'y' : 'x');
    }
  }
}

void call_impl::connect_ended(const stream_record& record) {
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

void call_impl::open_second_stream_later() {
  if (!config_.second_stream_ms) {
    return;
  }
  second_timer_.expires_after(milliseconds{*config_.second_stream_ms});
  second_timer_.async_wait(guarded([this] { open_second_stream(); }));
}

void call_impl::open_second_stream() {
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

} // namespace sim
