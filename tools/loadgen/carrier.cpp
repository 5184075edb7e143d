#include "tools/loadgen/carrier.hpp"

#include "tools/loadgen/one_request.hpp"
#include "tools/sim_common/twilio_messages.hpp"
#include "tools/sim_common/twilio_signature.hpp"

#include <algorithm>
#include <cstdio>

namespace sim::load {

namespace {

constexpr int64_t pcmu_bytes_per_ms = 8;
constexpr int64_t us_per_ms = 1'000;
constexpr const char* websocket_key = "bG9hZGdlbiBub25jZSE6KQ==";

std::string sid(const char* kind, uint32_t number, int64_t run) {
  char text[40];
  std::snprintf(text, sizeof text, "%s%016llx%016x", kind, static_cast<unsigned long long>(run),
                number);
  return text;
}

} // namespace

carrier_call::carrier_call(reactor& loop, tally& told, const options& how, uint32_t number)
    : loop_(loop),
      told_(told),
      how_(how),
      number_(number),
      call_sid_(sid("CA", number, now_us())),
      stream_sid_(sid("MZ", number, now_us())),
      link_(loop, *this) {
  make_template();
}

/// A frame's text behind its stamp does not change: the rest of the audio, and the stream.
void carrier_call::make_template() {
  const std::string audio(load_frame_bytes - load_stamp_bytes, '\x2a');
  append_base64(frame_tail_, audio);
  frame_tail_ += "\"},\"streamSid\":\"" + stream_sid_ + "\"}";
}

void carrier_call::start() {
  webhook_us_ = now_us();
  ++told_.started;
  if (how_.relay_port != 0) {
    state_ = state::connecting;
    return link_.connect("127.0.0.1", how_.relay_port);
  }
  state_ = state::webhook;
  const form_params form = {{"AccountSid", how_.account_sid},
                            {"ApiVersion", "2010-04-01"},
                            {"CallSid", call_sid_},
                            {"CallStatus", "ringing"},
                            {"Direction", "inbound"},
                            {"From", "+15550100001"},
                            {"To", "+15550100002"}};
  const auto authority = how_.host + ":" + std::to_string(how_.port);
  const std::string target = "/twilio/incoming-call";
  const auto body = form_encode(form);
  one_request::send(loop_, how_.host, how_.port,
                    "POST " + target + " HTTP/1.1\r\nHost: " + authority +
                        "\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded"
                        "\r\nX-Twilio-Signature: " +
                        twilio_signature(how_.auth_token, "http://" + authority + target, form) +
                        "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
                    [this](const one_request::answer& got) { on_twiml(got.status, got.body); });
}

void carrier_call::fail(uint64_t& which, const std::string& why) {
  ++which;
  told_.problem(why);
  state_ = state::over;
}

void carrier_call::on_twiml(int status, const std::string& body) {
  if (status != 200)
    return fail(told_.failed, "webhook: " + std::to_string(status) + " " + body);
  const auto document = parse_twiml(body);
  for (auto& verb : document.verbs) {
    if (verb.kind != twiml_verb_kind::connect_stream)
      continue;
    parameters_ = verb.stream.parameters;
    state_ = state::connecting;
    if (how_.carrier_delay_ms == 0)
      return link_.connect(how_.host, how_.port);
    connect_us_ = now_us() + how_.carrier_delay_ms * us_per_ms;
    return loop_.join(this);
  }
  fail(told_.refused, "the call was not connected: " + body.substr(0, 200));
}

void carrier_call::on_up() {
  if (how_.relay_port != 0) {
    upgraded_ = true;
    return begin_stream();
  }
  link_.out() += "GET /streams HTTP/1.1\r\nHost: " + how_.host + ":" + std::to_string(how_.port) +
                 "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: " +
                 std::string{websocket_key} + "\r\n\r\n";
  link_.flush();
}

void carrier_call::begin_stream() {
  if (how_.relay_port == 0) {
    append_ws_frame(link_.out(), ws_opcode::text, connected_message(), true);
    append_ws_frame(
        link_.out(), ws_opcode::text,
        start_message(sequence_++, {stream_sid_, how_.account_sid, call_sid_}, parameters_), true);
    link_.flush();
  }
  state_ = state::streaming;
  ++told_.live;
  started_us_ = now_us();
  told_.set_up.add(started_us_ - webhook_us_);
  loop_.join(this);
}

void carrier_call::on_bytes(char* bytes, size_t count) {
  if (!upgraded_) {
    head_.append(bytes, count);
    const auto end = head_.find("\r\n\r\n");
    if (end == std::string::npos)
      return;
    if (head_.compare(0, 12, "HTTP/1.1 101") != 0 ||
        http_header(head_, "sec-websocket-accept") != ws_accept_key(websocket_key)) {
      link_.close();
      return fail(told_.failed, "upgrade: " + head_.substr(0, head_.find("\r\n")));
    }
    upgraded_ = true;
    return begin_stream();
  }
  const bool sound = reader_.feed(
      bytes, count, [this](uint8_t opcode, std::string_view text) { on_message(opcode, text); });
  if (!sound)
    ++told_.odd_messages;
}

void carrier_call::on_message(uint8_t opcode, std::string_view text) {
  if (opcode == static_cast<uint8_t>(ws_opcode::ping)) {
    append_ws_frame(link_.out(), ws_opcode::pong, text, true);
    return link_.flush();
  }
  if (opcode == static_cast<uint8_t>(ws_opcode::close)) {
    append_ws_frame(link_.out(), ws_opcode::close, text, true);
    link_.flush();
    link_.close();
    return on_down("the server closed with " +
                   (text.size() >= 2 ? std::to_string(static_cast<uint8_t>(text[0]) << 8 |
                                                      static_cast<uint8_t>(text[1])) +
                                           " " + std::string{text.substr(2)}
                                     : "no code"));
  }
  const bool by_relay = how_.relay_port != 0;
  const auto audio = quoted_after(text, by_relay ? "\"delta\":\"" : "\"payload\":\"");
  if (!audio.empty() && (!by_relay || text.find("output_audio.delta") != std::string_view::npos))
    return hear(audio);
  if (by_relay)
    return;
  if (text.find("\"clear\"") != std::string_view::npos) {
    told_.on_clear(number_, now_us());
    played_until_us_ = 0;
    for (auto& mark : marks_)
      queue_mark(mark.second); // the carrier answers for what it dropped
    marks_.clear();
    return link_.flush();
  }
  const auto name = quoted_after(text, "\"name\":\"");
  if (name.empty()) {
    ++told_.odd_messages;
    return;
  }
  ++told_.marks;
  marks_.emplace_back(std::max(played_until_us_, now_us()), name);
}

void carrier_call::hear(std::string_view base64) {
  const int64_t now = now_us();
  if (!decode_base64(base64, heard_)) {
    ++told_.odd_messages;
    return;
  }
  if (!std::exchange(heard_any_, true))
    told_.first_audio.add(now - started_us_);
  played_until_us_ = std::max(played_until_us_, now) +
                     static_cast<int64_t>(heard_.size()) * 1000 / pcmu_bytes_per_ms;
  auto& way = told_.of(number_).to_carrier;
  std::string_view rest = heard_;
  for (load_stamp stamp; read_stamp(rest, stamp);
       rest.remove_prefix(std::min(rest.size(), load_frame_bytes)))
    told_.on_received(way, stamp.sent_us, now);
}

void carrier_call::queue_mark(const std::string& name) {
  append_ws_frame(link_.out(), ws_opcode::text,
                  "{\"event\":\"mark\",\"sequenceNumber\":\"" + std::to_string(sequence_++) +
                      "\",\"streamSid\":\"" + stream_sid_ + "\",\"mark\":{\"name\":\"" + name +
                      "\"}}",
                  true);
}

void carrier_call::echo_due(int64_t now) {
  while (!marks_.empty() && marks_.front().first <= now) {
    queue_mark(marks_.front().second);
    marks_.pop_front();
  }
}

void carrier_call::send_frame(int64_t now) {
  char stamp[load_stamp_bytes];
  write_stamp(stamp, {number_, static_cast<uint32_t>(chunk_), now});
  std::string text = "{\"event\":\"media\",\"sequenceNumber\":\"" + std::to_string(sequence_++) +
                     "\",\"media\":{\"track\":\"inbound\",\"chunk\":\"" +
                     std::to_string(chunk_ + 1) + "\",\"timestamp\":\"" +
                     std::to_string(chunk_ * 20) + "\",\"payload\":\"";
  append_base64(text, {stamp, sizeof stamp});
  text += frame_tail_;
  append_ws_frame(link_.out(), ws_opcode::text, text, true);
  told_.on_sent(told_.of(number_).to_model, now);
  ++chunk_;
}

bool carrier_call::on_pulse(int64_t) {
  const int64_t now = now_us();
  if (state_ == state::connecting) {
    if (now < connect_us_)
      return true;
    link_.connect(how_.host, how_.port);
    return false; // the stream joins again
  }
  if (state_ != state::streaming)
    return false;
  if (life_us_ > 0 && now - started_us_ >= life_us_) {
    if (number_ % 100 < how_.faults)
      vanish();
    else
      hang_up();
    return false;
  }
  echo_due(now);
  send_frame(now);
  link_.flush();
  return state_ == state::streaming;
}

/// The connection breaks: nobody says goodbye.
void carrier_call::vanish() {
  state_ = state::over;
  --told_.live;
  ++told_.ended;
  link_.close();
}

void carrier_call::hang_up() {
  if (state_ != state::streaming)
    return;
  state_ = state::stopping;
  --told_.live;
  if (how_.relay_port == 0) {
    append_ws_frame(link_.out(), ws_opcode::text,
                    stop_message(sequence_++, {stream_sid_, how_.account_sid, call_sid_}), true);
    append_ws_frame(link_.out(), ws_opcode::close, {"\x03\xe8", 2}, true); // 1000
  }
  link_.finish_sending();
}

void carrier_call::on_down(const std::string& why) {
  if (state_ == state::over)
    return;
  if (state_ == state::stopping) {
    ++told_.ended;
    state_ = state::over;
    return;
  }
  if (state_ == state::streaming)
    --told_.live;
  fail(state_ == state::streaming ? told_.lost : told_.failed, "stream: " + why);
}

} // namespace sim::load
