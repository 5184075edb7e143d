#include "http/twilio/carrier_socket.hpp"

#include "conf/defaults/twilio.hpp"
#include "conf/log.hpp"
#include "conf/memory_trail.hpp"
#include "http/twilio/stream_codec.hpp"

namespace switchboard::twilio {

namespace {

namespace bounds = defaults::twilio;
constexpr uint16_t close_bad_data = 1007; // RFC 6455 section 7.4.1
constexpr const char* component = "carrier_socket";

/// Buffers of one message, shared by all sockets of a thread.
struct scratch {
  stream_event event;
  std::string text;
};

scratch& shared_scratch() {
  static thread_local scratch shared;
  shared.text.clear();
  return shared;
}

/// "inbound" in media, "inbound_track" in dtmf; a stream that names no track has one only.
bool is_inbound(std::string_view track) {
  return track.empty() || track == "inbound" || track == "inbound_track";
}

class carrier_socket : public actors::carrier_link, private http::websocket_events {
public:
  carrier_socket(websocket_opener open, std::string stream_sid)
      : open_(std::move(open)),
        stream_sid_(std::move(stream_sid)),
        media_head_(media_head(stream_sid_)) {}

  void start(actors::carrier_events* sink) override {
    sink_ = sink;
    if (sink != nullptr && open_) {
      websocket_opener open = std::move(open_);
      open_ = nullptr;
      socket_ = open(this);
    }
  }

  void send_audio(audio::byte_view pcmu) override {
    touched(this, sizeof *this);
    touched(media_head_.data(), media_head_.size());
    touched(socket_.get(), sizeof(void*)); // the handle, which is small
    for (size_t at = 0; at < pcmu.size; at += bounds::media_bytes_max) {
      std::string& text = shared_scratch().text;
      append_media(text, media_head_, pcmu.subview(at, bounds::media_bytes_max));
      send(text);
    }
  }

  void send_mark(std::string_view name) override {
    std::string& text = shared_scratch().text;
    append_mark(text, stream_sid_, name);
    send(text);
  }

  void send_clear() override {
    std::string& text = shared_scratch().text;
    append_clear(text, stream_sid_);
    send(text);
  }

  void flush() override {
    if (socket_)
      socket_->flush();
  }

  void close(uint16_t code, std::string_view reason) override {
    if (socket_)
      socket_->close(code, reason);
  }

private:
  void send(const std::string& text) {
    if (socket_)
      socket_->send_text(text);
  }

  void on_open() override {}

  void on_text(std::string_view message) override {
    touched(this, sizeof *this);
    touched(stream_sid_.data(), stream_sid_.size());
    stream_event& event = shared_scratch().event;
    codec_error problem = parse_stream_message(message, event);
    if (problem != codec_error::none) {
      on_bad_message(to_string(problem), message.size());
      return;
    }
    bad_in_a_row_ = 0;
    if (event.type == stream_event_type::connected)
      return;
    if (event.type == stream_event_type::unknown || event.type == stream_event_type::start)
      pass_over(event.type == stream_event_type::start ? "second start" : "unknown event");
    else if (event.stream_sid != stream_sid_)
      pass_over("another stream");
    else if (sink_ != nullptr)
      deliver(event);
  }

  void deliver(const stream_event& event) {
    switch (event.type) {
    case stream_event_type::media:
      if (is_inbound(event.track))
        sink_->on_caller_audio(event.timestamp_ms, event.payload);
      return;
    case stream_event_type::mark:
      return sink_->on_mark_echo(event.mark_name);
    case stream_event_type::dtmf:
      return sink_->on_dtmf(event.digit);
    case stream_event_type::stop:
      return sink_->on_stream_stop();
    default:
      return;
    }
  }

  void on_binary(size_t bytes) override { on_bad_message("binary", bytes); }

  void on_read_end() override {
    if (sink_ != nullptr)
      sink_->on_carrier_read_end();
  }

  void on_closed(const actors::link_close& why) override {
    if (passed_over_ > bounds::warnings_per_stream_max)
      log::warn(component, "messages of the carrier were passed over",
                {{"stream", stream_sid_}, {"count", passed_over_}});
    if (sink_ != nullptr)
      sink_->on_carrier_closed(why); // may destroy this
  }

  void on_bad_message(const char* problem, size_t bytes) {
    pass_over(problem, bytes);
    if (++bad_in_a_row_ == bounds::bad_messages_in_a_row_max && socket_)
      socket_->close(close_bad_data, "unreadable messages");
  }

  void pass_over(const char* problem, size_t bytes = 0) {
    if (++passed_over_ <= bounds::warnings_per_stream_max)
      log::warn(
          component, "message of the carrier is passed over",
          {{"stream", stream_sid_}, {"problem", problem}, {"bytes", static_cast<uint64_t>(bytes)}});
  }

  websocket_opener open_;
  std::string stream_sid_;
  std::string media_head_;
  actors::carrier_events* sink_ = nullptr;
  uint64_t passed_over_ = 0;
  uint32_t bad_in_a_row_ = 0;
  std::unique_ptr<http::websocket> socket_; // last: it may report while the others still live
};

} // namespace

std::unique_ptr<actors::carrier_link> make_carrier_link(websocket_opener open,
                                                        std::string stream_sid) {
  return std::make_unique<carrier_socket>(std::move(open), std::move(stream_sid));
}

std::unique_ptr<actors::carrier_link>
make_carrier_link(asio::io_context& io, actors::ticker& ticker, http::detached_websocket_ptr socket,
                  std::string stream_sid, http::websocket_limits limits) {
  // std::function wants what can be copied; the socket is taken out once.
  auto held = std::make_shared<http::detached_websocket_ptr>(std::move(socket));
  auto open = [&io, &ticker, held, limits](http::websocket_events* events) {
    return http::websocket::attach(io, ticker, std::move(*held), limits, events);
  };
  return make_carrier_link(std::move(open), std::move(stream_sid));
}

} // namespace switchboard::twilio
