#include "tools/twilio_sim/media_stream.hpp"

#include "tools/sim_common/twilio_playout.hpp"
#include "tools/twilio_sim/stream_socket.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

namespace sim {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using steady = std::chrono::steady_clock;

constexpr auto frame_time = std::chrono::milliseconds{20};
constexpr int64_t frame_ms = 20;
constexpr int64_t frame_bytes = frame_ms * samples_per_ms;
constexpr size_t write_queue_max = 500; // 10 s of frames: then the server reads too slowly

constexpr int close_normal = 1000;
constexpr int error_closed = 31921;
constexpr int error_slow = 31930;
constexpr int error_undecodable = 31950;

struct late_echo {
  steady::time_point due;
  std::string name;
};

bool in(const std::vector<time_span>& spans, int64_t ms) {
  return std::any_of(spans.begin(), spans.end(), [ms](const auto& x) { return x.holds(ms); });
}

class stream_impl : public media_stream, public std::enable_shared_from_this<stream_impl> {
public:
  stream_impl(asio::io_context& io, const fault_options& faults, stream_setup setup,
              std::shared_ptr<stream_listener> listener)
      : io_{io},
        tick_timer_{io},
        faults_{setup.faulty ? faults : fault_options{}},
        setup_{std::move(setup)},
        listener_{std::move(listener)} {
    record_.stream_sid = setup_.id.stream_sid;
    record_.url = setup_.url;
  }

  void open() override {
    auto self = shared_from_this();
    socket_ = make_stream_socket(
        io_, {[self] { self->opened(); },
              [self](std::string_view text, bool binary) { self->received(text, binary); },
              [self](const socket_end& end) { self->ended(end); }});
    socket_->open(setup_.to, setup_.signature);
  }

  void press(char digit) override {
    if (live_) {
      ++record_.dtmf_sent;
      socket_->send(dtmf_message(++sequence_, setup_.id, digit));
    }
  }

  void say_stop() override {
    tick_timer_.cancel();
    if (socket_ && live_ && record_.started && setup_.says_stop) {
      socket_->send(stop_message(++sequence_, setup_.id));
    }
    live_ = false;
  }

  void hang_up() override {
    if (!socket_ || stopping_) {
      return;
    }
    stopping_ = true;
    say_stop();
    socket_->close();
  }

private:
  int64_t now_samples() const {
    const auto since = steady::now() - start_;
    return base_ + std::chrono::duration_cast<std::chrono::microseconds>(since).count() *
                       samples_per_ms / 1000;
  }

  void opened() {
    live_ = true;
    was_open_ = true;
    start_ = steady::now();
    base_ = listener_->stream_opened();
    record_.started_at_ms = base_ / samples_per_ms;
    playout_ = playout_buffer{
        base_, [this](int64_t at, std::string_view ulaw) { listener_->audio_played(at, ulaw); }};
    socket_->send(connected_message());
    if (!faults_.no_start) {
      socket_->send(start_message(++sequence_, setup_.id, setup_.parameters));
      record_.started = true;
    }
    wait_for_tick();
  }

  // -- the caller's audio -------------------------------------------------------------------------

  steady::time_point next_due() const { return start_ + frame_time * (next_frame_ + 1); }

  void wait_for_tick() {
    tick_timer_.expires_at(next_due()); // absolute, so that lateness never adds up
    tick_timer_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec && self->live_) {
        self->tick();
      }
    });
  }

  void tick() {
    using std::chrono::duration_cast;
    const auto now = steady::now();
    const auto late = duration_cast<std::chrono::milliseconds>(now - next_due()).count();
    record_.tick_late_max_ms = std::max<int64_t>(record_.tick_late_max_ms, late);
    while (live_ && next_due() <= now) {
      frame(next_frame_++);
    }
    if (!live_) {
      return;
    }
    playout_.advance(now_samples());
    send_echoes();
    listener_->stream_tick(now_samples(), playout_.buffered() > 0);
    if (live_) {
      wait_for_tick();
    }
  }

  void frame(int64_t index) {
    const auto at = base_ + index * frame_bytes;
    const auto at_ms = at / samples_per_ms;
    auto audio = listener_->caller_frame(at, frame_bytes);
    if (faults_.abrupt_close_ms && at_ms >= *faults_.abrupt_close_ms) {
      reset_ = true;
      socket_->reset();
      return;
    }
    const bool silent = faults_.silent_after_ms && at_ms >= *faults_.silent_after_ms;
    if (silent || !record_.started || in(faults_.gaps, at_ms)) {
      return;
    }
    withheld_.emplace_back(index, std::move(audio));
    if (in(faults_.bursts, at_ms)) {
      return;
    }
    for (auto& [frame_index, bytes] : withheld_) {
      send_frame(frame_index, bytes);
    }
    withheld_.clear();
  }

  void send_frame(int64_t index, const std::string& audio) {
    if (socket_->queued() >= write_queue_max) {
      if (record_.frames_dropped++ == 0) {
        listener_->stream_warning(error_slow, "the server reads too slowly; caller audio is lost");
      }
      return;
    }
    ++record_.frames_sent;
    record_.bytes_sent += audio.size();
    const auto timestamp_ms = setup_.first_timestamp_ms + index * frame_ms;
    socket_->send(media_message(++sequence_, setup_.id, record_.frames_sent, timestamp_ms, audio));
  }

  // -- the agent's audio --------------------------------------------------------------------------

  void received(std::string_view text, bool binary) {
    if (binary) {
      listener_->stream_warning(error_undecodable, "binary frame");
      return;
    }
    auto message =
        parse_server_message(text, record_.started ? setup_.id.stream_sid : std::string{});
    const auto now = now_samples();
    switch (message.kind) {
    case server_message_kind::media:
      ++record_.frames_received;
      record_.bytes_received += message.payload.size();
      if (!playout_.media(now, message.payload)) {
        listener_->stream_warning(0, "more than an hour of audio is queued; lost");
      }
      break;
    case server_message_kind::mark:
      playout_.mark(now, std::move(message.name));
      break;
    case server_message_kind::clear:
      playout_.clear(now);
      break;
    case server_message_kind::invalid:
      listener_->stream_warning(message.error_code, message.error);
      break;
    }
    send_echoes();
  }

  void send_echoes() {
    const auto now = steady::now();
    for (auto& echo : playout_.take_echoes()) {
      record_.marks_cleared += echo.played ? 0 : 1;
      echoes_.push_back({now + std::chrono::milliseconds{faults_.late_marks_ms}, echo.name});
    }
    while (!echoes_.empty() && echoes_.front().due <= now) {
      ++record_.marks_echoed;
      socket_->send(mark_message(++sequence_, setup_.id, echoes_.front().name));
      echoes_.pop_front();
    }
  }

  // -- the end ------------------------------------------------------------------------------------

  void ended(const socket_end& end) {
    live_ = false;
    tick_timer_.cancel();
    record_.upgrade_status = end.upgrade_status;
    record_.close_code = end.close_code;
    record_.close_reason = end.close_reason;
    record_.error = reset_ ? "31903: the connection was reset" : end.error;
    record_.pings = socket_->pings();
    if (was_open_) {
      playout_.advance(now_samples());
      fill_figures();
    }
    record_.ended_by = who_ended(end);
    if (end.error_code != 0) {
      listener_->stream_warning(end.error_code, end.error);
    } else if (!end.by_us && end.close_code != close_normal) {
      listener_->stream_warning(error_closed, "the server closed the stream with code " +
                                                  std::to_string(end.close_code) + " " +
                                                  end.close_reason);
    }
    socket_.reset();
    std::exchange(listener_, nullptr)->stream_ended(record_);
  }

  const char* who_ended(const socket_end& end) const {
    if (reset_) {
      return "reset";
    }
    if (end.by_us) {
      return "carrier";
    }
    if (end.error_code == 0) {
      return "server";
    }
    return end.upgrade_status != 0 && !was_open_ ? "refused" : "error";
  }

  void fill_figures() {
    const auto& f = playout_.figures();
    record_.heard_ms = f.played / samples_per_ms;
    record_.cleared_ms = f.cleared / samples_per_ms;
    for (const auto played : f.played_at_clears) {
      record_.heard_at_clears_ms.push_back(played / samples_per_ms);
    }
    record_.buffered_max_ms = f.buffered_max / samples_per_ms;
    record_.first_audio_ms =
        f.first_audio_at < 0 ? -1 : (f.first_audio_at - base_) / samples_per_ms;
    record_.longest_gap_ms = f.longest_gap / samples_per_ms;
    record_.longest_underrun_ms = f.longest_underrun / samples_per_ms;
    record_.underruns = f.underruns;
    record_.marks_received = static_cast<uint64_t>(f.marks_received);
    record_.clears = static_cast<uint64_t>(f.clears);
    record_.duration_ms = (now_samples() - base_) / samples_per_ms;
  }

  asio::io_context& io_;
  asio::steady_timer tick_timer_;
  fault_options faults_;
  stream_setup setup_;
  std::shared_ptr<stream_listener> listener_;
  std::shared_ptr<stream_socket> socket_;
  bool live_ = false; // open, and neither side is ending it
  bool was_open_ = false;
  bool stopping_ = false;
  bool reset_ = false;
  steady::time_point start_;
  int64_t base_ = 0; // the stream's start on the call's timeline, in samples
  int64_t next_frame_ = 0;
  uint64_t sequence_ = 0; // counts all messages after `connected`
  std::deque<std::pair<int64_t, std::string>> withheld_;
  std::deque<late_echo> echoes_;
  playout_buffer playout_;
  stream_record record_;
};

} // namespace

std::shared_ptr<media_stream> make_media_stream(asio::io_context& io, const fault_options& faults,
                                                stream_setup setup,
                                                std::shared_ptr<stream_listener> listener) {
  return std::make_shared<stream_impl>(io, faults, std::move(setup), std::move(listener));
}

} // namespace sim
