#include "http/openai/model_socket.hpp"

#include "conf/defaults/openai.hpp"
#include "conf/log.hpp"
#include "conf/memory_trail.hpp"
#include "http/openai/command_codec.hpp"
#include "http/openai/event_codec.hpp"
#include "http/openai/model_address.hpp"

#include <algorithm>

namespace switchboard::openai {

namespace {

namespace bounds = defaults::openai;
constexpr uint16_t close_bad_data = 1007; // RFC 6455 section 7.4.1
constexpr const char* component = "model_socket";

/// Buffers of one message, shared by all sockets of a thread: they are as large as the largest
/// message was, and hundreds of sockets would each keep their own.
struct scratch {
  actors::model_event event;
  std::string text;
};

scratch& shared_scratch() {
  static thread_local scratch shared;
  return shared;
}

class model_socket : public actors::model_link, private http::websocket_events {
public:
  model_socket(const websocket_opener& open, conf::dialect dialect, actors::model_events* sink)
      : dialect_(dialect), sink_(sink), socket_(open(this)) {}

  void append_audio(audio::byte_view audio) override {
    touched(this, sizeof *this);
    touched(socket_.get(), sizeof(void*)); // the handle, which is small
    for (size_t at = 0; at < audio.size; at += bounds::append_bytes_max) {
      std::string& text = shared_scratch().text;
      text.clear();
      append_append_audio(text, audio.subview(at, bounds::append_bytes_max), ++events_sent_);
      socket_->send_text(text);
    }
  }

  std::string send(const actors::model_command& command) override {
    std::string& text = shared_scratch().text;
    text.clear();
    std::string event_id = event_id_of(++events_sent_);
    render_command(command, event_id, dialect_, text);
    socket_->send_text(text);
    return event_id;
  }

  void flush() override { socket_->flush(); }

  void close(uint16_t code, std::string_view reason) override { socket_->close(code, reason); }

private:
  void on_open() override { sink_->on_model_open(); }

  void on_text(std::string_view message) override {
    touched(this, sizeof *this);
    actors::model_event& event = shared_scratch().event;
    codec_error problem = parse_server_event(message, event);
    if (problem != codec_error::none) {
      on_bad_message(to_string(problem), message.size());
      return;
    }
    bad_in_a_row_ = 0;
    sink_->on_model_event(event);
  }

  void on_binary(size_t bytes) override { on_bad_message("binary", bytes); }

  void on_read_end() override { sink_->on_model_read_end(); }

  void on_closed(const actors::link_close& why) override {
    if (bad_messages_ > bounds::warnings_per_session_max)
      log::warn(component, "messages of the model that could not be read",
                {{"count", bad_messages_}});
    sink_->on_model_closed(why); // may destroy this
  }

  void on_bad_message(const char* problem, size_t bytes) {
    if (++bad_messages_ <= bounds::warnings_per_session_max)
      log::warn(component, "message of the model cannot be read",
                {{"problem", problem}, {"bytes", static_cast<uint64_t>(bytes)}});
    if (++bad_in_a_row_ == bounds::bad_messages_in_a_row_max)
      socket_->close(close_bad_data, "unreadable messages");
  }

  conf::dialect dialect_;
  actors::model_events* sink_;
  uint64_t events_sent_ = 0;
  uint64_t bad_messages_ = 0;
  uint32_t bad_in_a_row_ = 0;
  std::unique_ptr<http::websocket> socket_; // last: it may report while the others still live
};

} // namespace

std::unique_ptr<actors::model_link>
make_model_link(const websocket_opener& open, conf::dialect dialect, actors::model_events* sink) {
  return std::make_unique<model_socket>(open, dialect, sink);
}

http::websocket_limits model_limits() {
  http::websocket_limits limits;
  limits.message_bytes_max = bounds::message_bytes_max;
  limits.write_queue_bytes_max = bounds::write_queue_bytes_max;
  limits.first_message_timeout = bounds::first_message_timeout;
  limits.ping_interval = bounds::ping_interval;
  return limits;
}

model_socket_connector::model_socket_connector(asio::io_context& io, actors::ticker& ticker,
                                               const conf::config& config,
                                               std::shared_ptr<http::tls_client_context> tls)
    : io_(io), ticker_(ticker), dialect_(config.openai_dialect), tls_(std::move(tls)) {
  http::websocket::prepare(io);
  // A URL that cannot be parsed was refused at start; the socket reports an empty host if not.
  http::websocket_target::parse(model_url(config), target_);
  target_.headers = model_headers(config);
}

std::unique_ptr<actors::model_link> model_socket_connector::connect(actors::model_events* sink) {
  auto open = [this](http::websocket_events* events) {
    return http::websocket::connect(io_, ticker_, target_, tls_, model_limits(), events);
  };
  return make_model_link(open, dialect_, sink);
}

} // namespace switchboard::openai
