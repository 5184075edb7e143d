#include "tools/loadgen/model.hpp"

#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace sim::load {

namespace {

constexpr uint32_t nobody = std::numeric_limits<uint32_t>::max();
constexpr unsigned greeting_frames = 10;
constexpr int64_t us_per_ms = 1'000;
constexpr uint64_t pcmu_bytes_per_ms = 8;
constexpr uint64_t pcm16_bytes_per_ms = 48;
constexpr size_t pcm16_frame_bytes = 960;

} // namespace

model_session::model_session(reactor& loop, tally& told, const options& how, uint32_t number)
    : loop_(loop),
      told_(told),
      how_(how),
      number_(number),
      link_(loop, *this),
      talk_(how.pattern, number) {}

std::string model_session::item() const {
  return std::to_string(number_) + "_" + std::to_string(answers_);
}

/// Queues `{"type":TYPE,"event_id":...,REST}`.
void model_session::event(const std::string& type, const std::string& rest) {
  append_ws_frame(link_.out(), ws_opcode::text,
                  "{\"type\":\"" + type + "\",\"event_id\":\"evt\"," + rest + "}", false);
}

void model_session::on_up() {
  ++told_.sessions;
  upgraded_ = opened_ = how_.relay_port != 0; // a relay makes no handshake
}

void model_session::on_down(const std::string& why) {
  if (std::exchange(stopped_, true))
    return;
  if (!opened_) { // before it is open it has no closing handshake
    ++told_.sessions_unopened;
    return;
  }
  ++told_.sessions_lost;
  told_.problem("session " + std::to_string(number_) + ", " + std::to_string(heard_bytes_) +
                " bytes heard: " + why);
}

void model_session::on_bytes(char* bytes, size_t count) {
  if (!upgraded_)
    return upgrade(bytes, count);
  const bool sound = reader_.feed(
      bytes, count, [this](uint8_t opcode, std::string_view text) { on_message(opcode, text); });
  if (!sound)
    ++told_.odd_messages;
}

void model_session::upgrade(const char* bytes, size_t count) {
  head_.append(bytes, count);
  if (head_.find("\r\n\r\n") == std::string::npos)
    return;
  if (how_.model_delay_ms == 0)
    return answer_upgrade();
  answer_us_ = now_us() + how_.model_delay_ms * us_per_ms;
  loop_.join(this);
}

void model_session::answer_upgrade() {
  link_.out() += "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
                 ws_accept_key(http_header(head_, "sec-websocket-key")) + "\r\n\r\n";
  upgraded_ = true;
  head_.clear();
  event("session.created", "\"session\":{\"type\":\"realtime\",\"object\":\"realtime.session\","
                           "\"id\":\"sess_" +
                               std::to_string(number_) + "\",\"model\":\"load\"}");
  link_.flush();
}

void model_session::on_message(uint8_t opcode, std::string_view text) {
  opened_ = true;
  if (opcode == static_cast<uint8_t>(ws_opcode::ping)) {
    append_ws_frame(link_.out(), ws_opcode::pong, text, false);
    return link_.flush();
  }
  if (opcode == static_cast<uint8_t>(ws_opcode::close)) {
    stopped_ = true;
    append_ws_frame(link_.out(), ws_opcode::close, text, false);
    link_.flush();
    return link_.close();
  }
  const auto audio = quoted_after(text, how_.relay_port != 0 ? "\"payload\":\"" : "\"audio\":\"");
  if (!audio.empty() && text.find("session.update") == std::string_view::npos)
    return hear(audio);
  if (text.find("\"session.update\"") != std::string_view::npos) {
    event("session.updated", "\"session\":{\"type\":\"realtime\",\"object\":\"realtime.session\","
                             "\"id\":\"sess_" +
                                 std::to_string(number_) + "\",\"model\":\"load\"}");
    link_.flush();
  } else if (text.find("\"response.create\"") != std::string_view::npos && !greeted_) {
    greeted_ = true;
    answer_begins();
    speak(greeting_frames);
    answer_ends("completed");
    link_.flush();
  } else if (text.find("item.truncate") != std::string_view::npos) {
    ++told_.truncates;
  }
}

void model_session::hear(std::string_view base64) {
  const int64_t now = now_us();
  if (!decode_base64(base64, heard_)) {
    ++told_.odd_messages;
    return;
  }
  heard_bytes_ += heard_.size();
  std::string_view rest = heard_;
  for (load_stamp stamp; read_stamp(rest, stamp);
       rest.remove_prefix(std::min(rest.size(), load_frame_bytes))) {
    stream_ = stamp.stream;
    told_.on_received(told_.of(stream_).to_model, stamp.sent_us, now);
  }
  if (talking_ || stopped_)
    return;
  if (stream_ == nobody && how_.pcm16)
    stream_ = 0; // audio that was converted carries no stamp
  talking_ = stream_ != nobody;
  if (talking_)
    loop_.join(this);
}

void model_session::answer_begins() {
  ++answers_;
  answering_ = true;
  event("response.created", "\"response\":{\"object\":\"realtime.response\",\"id\":\"resp_" +
                                item() + "\",\"status\":\"in_progress\",\"output\":[]}");
}

void model_session::speak(unsigned frames) {
  if (frames == 0 || !answering_)
    return;
  const int64_t now = now_us();
  audio_.clear();
  for (unsigned i = 0; i < frames; ++i) {
    if (how_.pcm16) {
      audio_.append(pcm16_frame_bytes, static_cast<char>(i * 7));
      continue;
    }
    audio_.append(load_frame_bytes, '\x55');
    write_stamp(&audio_[audio_.size() - load_frame_bytes], {number_, ++sequence_, now});
    if (stream_ != nobody)
      told_.on_sent(told_.of(stream_).to_carrier, now);
  }
  const auto place = "\"response_id\":\"resp_" + item() + "\",\"item_id\":\"item_" + item() +
                     "\",\"output_index\":0,\"content_index\":0,";
  std::string rest = place + "\"delta\":\"";
  append_base64(rest, audio_);
  event("response.output_audio.delta", rest + "\"");
  if (sequence_ % 10 < frames) // a few words for each 200 ms
    event("response.output_audio_transcript.delta", place + "\"delta\":\"some words \"");
}

void model_session::answer_ends(const char* status) {
  answering_ = false;
  const auto place = "\"response_id\":\"resp_" + item() + "\",\"item_id\":\"item_" + item() +
                     "\",\"output_index\":0,\"content_index\":0";
  event("response.output_audio.done", place);
  event("response.output_audio_transcript.done",
        place + ",\"transcript\":\"some words that were said\"");
  event("response.done", "\"response\":{\"object\":\"realtime.response\",\"id\":\"resp_" + item() +
                             "\",\"status\":\"" + status + "\",\"output\":[]}");
}

/// One of the sessions that --faults breaks: those of the latter half of a hundred, so that they
/// are not those whose stream breaks, after a second of talk.
bool model_session::breaks_off() {
  if (stream_ < told_.first_other || stream_ == nobody || (stream_ + 50) % 100 >= how_.faults ||
      ++pulses_ < 50 || !told_.may_break(stream_))
    return false;
  stopped_ = true;
  link_.close();
  return true;
}

bool model_session::on_pulse(int64_t) {
  if (stopped_ || !link_.is_open() || breaks_off())
    return false;
  if (!upgraded_) {
    if (now_us() < answer_us_)
      return true;
    answer_upgrade();
    return false; // it joins again when it hears something
  }
  const auto step = talk_.next();
  const uint64_t heard_ms = heard_bytes_ / (how_.pcm16 ? pcm16_bytes_per_ms : pcmu_bytes_per_ms);
  const auto turn = [this] {
    return "\"item_id\":\"turn_" + std::to_string(number_) + "_" + std::to_string(turns_) + "\"";
  };
  if (step.answer_cut && answering_)
    answer_ends("cancelled");
  if (step.caller_starts) {
    ++turns_;
    if (stream_ != nobody)
      told_.on_speech(stream_, now_us());
    event("input_audio_buffer.speech_started",
          turn() + ",\"audio_start_ms\":" + std::to_string(heard_ms));
  }
  if (step.caller_stops)
    event("input_audio_buffer.speech_stopped",
          turn() + ",\"audio_end_ms\":" + std::to_string(heard_ms));
  if (step.caller_text) {
    turns_ += how_.pattern == talk_pattern::always ? 1 : 0;
    event("conversation.item.input_audio_transcription.completed",
          turn() + ",\"content_index\":0,\"transcript\":\"what the caller has said\"");
  }
  if (step.answer_begins)
    answer_begins();
  speak(step.frames);
  if (step.answer_ends)
    answer_ends("completed");
  link_.flush();
  return true;
}

model_host::model_host(reactor& loop, tally& told, const options& how)
    : loop_(loop), told_(told), how_(how) {
  uint16_t port = how.model_port;
  fd_ = listen_on(port);
  if (!how.tls_certificate.empty())
    tls_ = make_tls_context(how.tls_certificate, how.tls_key);
  loop_.watch(fd_, this, EPOLLIN);
}

model_host::~model_host() {
  loop_.forget(fd_);
  close(fd_);
  sessions_.clear();
  SSL_CTX_free(tls_);
}

void model_host::on_ready(uint32_t) {
  const int fd = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0)
    return;
  sessions_.push_back(
      std::make_unique<model_session>(loop_, told_, how_, static_cast<uint32_t>(sessions_.size())));
  sessions_.back()->adopt(fd, tls_);
}

void model_host::stop() {
  for (auto& each : sessions_)
    each->stop();
}

} // namespace sim::load
