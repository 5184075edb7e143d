#include "http/websocket_engine.hpp"

#include "conf/config.hpp"
#include "conf/defaults/line.hpp"
#include "conf/defaults/websocket.hpp"
#include "conf/memory_trail.hpp"
#include "http/frame_writer.hpp"
#include "http/websocket_framing.hpp"
#include "http/websocket_target.hpp"

#include <websocketpp/close.hpp>
#include <websocketpp/uri.hpp>

#include <algorithm>
#include <optional>

namespace switchboard::http {
namespace {

using actors::link_end;
using framing::config;
namespace status = websocketpp::close::status;

constexpr size_t close_reason_bytes_max = 123; // RFC 6455 section 5.5: 125 with the code
constexpr size_t key_bytes = 24;               // 16 bytes in base64, RFC 6455 section 4.1

std::string_view cut_reason(std::string_view reason) {
  if (reason.size() > close_reason_bytes_max) {
    size_t size = close_reason_bytes_max;
    while (size > 0 && (static_cast<unsigned char>(reason[size]) & 0xC0) == 0x80)
      --size; // not inside a character
    reason = reason.substr(0, size);
  }
  return is_utf8(reason) ? reason : std::string_view{};
}

/// A peer's status text, fit for a log line.
std::string printable(std::string text) {
  if (text.size() > defaults::websocket::status_text_bytes_max)
    text.resize(defaults::websocket::status_text_bytes_max);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c == 0x7f; }, '?');
  return text;
}

/// The thread's buffer for what is written at once, as nearly everything is: one that all its
/// engines share stays in the cache, and hundreds of their own would not.
std::string& shared_output() {
  static thread_local std::string shared;
  return shared;
}

/// For an engine that begins to write. Until it is given back, others have their own.
void borrow(std::string& output) {
  output.swap(shared_output());
}

void give_back(std::string& output) {
  output.clear();
  auto& shared = shared_output();
  if (output.capacity() > shared.capacity())
    output.swap(shared);
  if (shared.capacity() > defaults::websocket::buffer_kept_bytes)
    std::string().swap(shared);
}

class alignas(defaults::line::cache_line_bytes) engine final : public websocket_engine {
public:
  engine(bool server, size_t message_bytes_max)
      : server_(server), reader_(server, message_bytes_max) {}

  void answer(std::string_view request_head, std::string_view early_bytes);
  void request(const websocket_target&);

  engine_state state() const override { return state_; }
  size_t feed(char* bytes, size_t count, engine_events&) override;
  bool send_text(std::string_view message) override;
  void ping() override;
  void close(uint16_t code, std::string_view reason) override;
  std::string& output() override { return output_; }
  void output_written() override { give_back(output_); }
  bool take_control_queued() override { return std::exchange(control_queued_, false); }
  const actors::link_close& outcome() const override { return outcome_; }
  void set_message_bytes_max(size_t bytes) override { reader_.set_message_bytes_max(bytes); }

private:
  /// What a client keeps until its answer is there.
  struct upgrade {
    framing::processor processor{false};
    config::request_type request;
    config::response_type response;
  };

  bool receiving() const { return state_ == engine_state::open || state_ == engine_state::closing; }
  const char* accept(std::string_view request_head);
  size_t read_answer(const char* bytes, size_t count, engine_events&);
  const char* answer_problem() const;
  void dispatch(engine_events&);
  void on_close_frame(const std::string& payload);
  void queue_close(uint16_t code, std::string_view reason);
  void fail(link_end, std::string detail);
  void fail_frame(uint16_t code, std::string detail);

  bool server_; // what each frame needs comes first
  engine_state state_ = engine_state::handshaking;
  bool control_queued_ = false;
  std::string output_;
  frame_reader reader_;
  std::unique_ptr<upgrade> upgrade_;
  actors::link_close outcome_;
};

// -- handshake ------------------------------------------------------------------------------------

void engine::answer(std::string_view request_head, std::string_view early_bytes) {
  const char* problem =
      early_bytes.empty() ? accept(request_head) : "frames before the answer to the upgrade";
  if (problem == nullptr) {
    state_ = engine_state::open;
    return;
  }
  output_ = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nSec-WebSocket-Version: 13\r\n"
            "Content-Length: 0\r\n\r\n";
  fail(link_end::protocol_error, problem);
}

/// @returns what is wrong with the request, or null and the 101 is queued.
const char* engine::accept(std::string_view head) {
  config::request_type request;
  try {
    if (request.consume(head.data(), head.size()) != head.size() || !request.ready())
      return "incomplete upgrade request";
  } catch (const std::exception&) {
    return "malformed upgrade request";
  }
  if (!websocketpp::processor::is_websocket_handshake(request))
    return "no upgrade to websocket";
  if (websocketpp::processor::get_websocket_version(request) != 13)
    return "another WebSocket version than 13";
  const framing::processor processor{true};
  if (processor.validate_handshake(request) ||
      request.get_header("Sec-WebSocket-Key").size() != key_bytes)
    return "the upgrade request lacks what RFC 6455 demands";
  config::response_type response;
  response.set_version("HTTP/1.1");
  response.set_status(websocketpp::http::status_code::switching_protocols);
  if (processor.process_handshake(request, {}, response))
    return "the upgrade request could not be answered";
  output_ = response.raw();
  return nullptr;
}

void engine::request(const websocket_target& target) {
  upgrade_ = std::make_unique<upgrade>();
  auto& request = upgrade_->request;
  auto uri =
      std::make_shared<websocketpp::uri>(target.tls, target.host, target.port, target.resource);
  upgrade_->processor.client_handshake_request(request, uri, {});
  request.replace_header("Host", host_header(target));
  for (const auto& [name, value] : target.headers)
    request.append_header(name, value);
  if (request.get_header("User-Agent").empty())
    request.replace_header("User-Agent", std::string("switchboard/") + conf::version());
  output_ = request.raw();
}

size_t engine::read_answer(const char* bytes, size_t count, engine_events& events) {
  auto& response = upgrade_->response;
  size_t used = 0;
  try {
    used = response.consume(bytes, count);
  } catch (const std::exception&) {
    fail(link_end::protocol_error, "malformed answer to the upgrade");
    return count;
  }
  if (!response.headers_ready())
    return count;
  if (response.get_status_code() != websocketpp::http::status_code::switching_protocols) {
    outcome_.http_status = static_cast<int>(response.get_status_code());
    fail(link_end::upgrade_refused, "HTTP " + std::to_string(outcome_.http_status) + " " +
                                        printable(response.get_status_msg()));
    return count;
  }
  if (const char* problem = answer_problem()) {
    fail(link_end::protocol_error, problem);
    return count;
  }
  upgrade_.reset();
  state_ = engine_state::open;
  events.on_engine_open();
  return used;
}

/// @returns what is wrong with a 101, or null (RFC 6455 section 4.1, "the client MUST").
const char* engine::answer_problem() const {
  const auto& [processor, request, response] = *upgrade_;
  auto copy = response; // the check takes it by reference to non-const
  if (processor.validate_server_handshake_response(request, copy))
    return "the 101 lacks what RFC 6455 demands";
  if (!response.get_header("Sec-WebSocket-Extensions").empty())
    return "the 101 names an extension that was not offered";
  if (!response.get_header("Sec-WebSocket-Protocol").empty())
    return "the 101 names a subprotocol that was not offered";
  const std::string& length = response.get_header("Content-Length");
  if (!length.empty() && length != "0")
    return "the 101 has a body"; // the parser would take frames for it
  return nullptr;
}

// -- receiving ------------------------------------------------------------------------------------

size_t engine::feed(char* bytes, size_t count, engine_events& events) {
  touched_until(this, &upgrade_);
  size_t used = 0;
  if (state_ == engine_state::handshaking && count > 0)
    used = read_answer(bytes, count, events);
  while (used < count && receiving()) {
    if (events.engine_should_stop())
      return used;
    used += reader_.read(bytes + used, count - used);
    if (reader_.problem() != frame_problem::none)
      fail_frame(close_code_of(reader_.problem()), to_string(reader_.problem()));
    else if (reader_.ready())
      dispatch(events);
  }
  reader_.shrink();
  return count;
}

void engine::dispatch(engine_events& events) {
  const auto payload = reader_.payload();
  if (reader_.opcode() == frame_opcode::close)
    return on_close_frame(std::string(payload));
  if (state_ != engine_state::open)
    return; // after our close frame nothing but the peer's counts
  if (reader_.opcode() == frame_opcode::text) {
    events.on_engine_text(payload);
  } else if (reader_.opcode() == frame_opcode::binary) {
    events.on_engine_binary(payload.size());
  } else if (reader_.opcode() == frame_opcode::ping) {
    append_frame(output_, frame_opcode::pong, payload, !server_);
    control_queued_ = true;
  }
}

void engine::on_close_frame(const std::string& payload) {
  websocketpp::lib::error_code error;
  const uint16_t code = websocketpp::close::extract_code(payload, error);
  if (error)
    return fail_frame(status::protocol_error, "invalid close code");
  std::string reason = websocketpp::close::extract_reason(payload, error);
  if (error)
    return fail_frame(status::invalid_payload, "close reason is no UTF-8");
  const bool peer_began = state_ == engine_state::open;
  if (peer_began) {
    queue_close(code == status::no_status ? status::normal : code, {});
    control_queued_ = true;
  }
  outcome_.end = peer_began ? link_end::closed_by_peer : link_end::closed_by_us;
  outcome_.close_code = code == status::no_status ? 0 : code;
  outcome_.detail = std::move(reason);
  state_ = engine_state::closed;
}

void engine::fail(link_end end, std::string detail) {
  outcome_.end = end;
  outcome_.detail = std::move(detail);
  upgrade_.reset();
  state_ = engine_state::failed;
}

void engine::fail_frame(uint16_t code, std::string detail) {
  if (state_ == engine_state::open) {
    queue_close(code, detail);
    control_queued_ = true;
  }
  fail(link_end::protocol_error, std::move(detail));
}

// -- sending --------------------------------------------------------------------------------------

bool engine::send_text(std::string_view message) {
  if (state_ != engine_state::open || !is_utf8(message))
    return false;
  touched_until(this, &upgrade_);
  if (output_.empty())
    borrow(output_);
  append_frame(output_, frame_opcode::text, message, !server_);
  return true;
}

void engine::ping() {
  if (state_ == engine_state::open)
    append_frame(output_, frame_opcode::ping, {}, !server_);
}

void engine::close(uint16_t code, std::string_view reason) {
  if (state_ != engine_state::open)
    return;
  if (status::invalid(code) || status::reserved(code))
    code = status::normal;
  queue_close(code, reason);
  state_ = engine_state::closing;
}

void engine::queue_close(uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  payload += cut_reason(reason);
  append_frame(output_, frame_opcode::close, payload, !server_);
}

} // namespace

std::unique_ptr<websocket_engine> make_server_engine(std::string_view request_head,
                                                     std::string_view early_bytes,
                                                     size_t message_bytes_max) {
  auto made = std::make_unique<engine>(true, message_bytes_max);
  made->answer(request_head, early_bytes);
  return made;
}

std::unique_ptr<websocket_engine> make_client_engine(const websocket_target& target,
                                                     size_t message_bytes_max) {
  auto made = std::make_unique<engine>(false, message_bytes_max);
  made->request(target);
  return made;
}

} // namespace switchboard::http
