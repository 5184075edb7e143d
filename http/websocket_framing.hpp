#pragma once

// Internal to http/websocket_engine.cpp and the tests: the only places that see websocketpp's
// processor. We take the handshake from it, and hold our frame_reader against it.

#include <websocketpp/common/system_error.hpp>
#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/extensions/permessage_deflate/disabled.hpp>
#include <websocketpp/http/request.hpp>
#include <websocketpp/http/response.hpp>
#include <websocketpp/message_buffer/alloc.hpp>
#include <websocketpp/message_buffer/message.hpp>
#include <websocketpp/processors/hybi13.hpp>
#include <websocketpp/random/random_device.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace switchboard::http::framing {

/// What websocketpp's protocol processor needs to know; no transport, no compression, no logs.
struct config {
  using request_type = websocketpp::http::parser::request;
  using response_type = websocketpp::http::parser::response;
  using message_type =
      websocketpp::message_buffer::message<websocketpp::message_buffer::alloc::con_msg_manager>;
  using con_msg_manager_type = websocketpp::message_buffer::alloc::con_msg_manager<message_type>;
  using rng_type =
      websocketpp::random::random_device::int_generator<uint32_t, websocketpp::concurrency::none>;
  static constexpr bool enable_extensions = false;
  static constexpr size_t max_message_size = 64 * 1024; // until set_max_message_size()
  struct permessage_deflate_config {
    using request_type = config::request_type;
  };
  using permessage_deflate_type =
      websocketpp::extensions::permessage_deflate::disabled<permessage_deflate_config>;
};

/// websocketpp's RFC 6455 processor, with the one length check it lacks.
class processor : public websocketpp::processor::hybi13<config> {
public:
  explicit processor(bool server)
      : websocketpp::processor::hybi13<config>(
            false, server, std::make_shared<config::con_msg_manager_type>(), keys_) {}

  /// True if a data frame claims more than the message bound. The base adds the claim to what it
  /// has before it compares, and a claim near 2^64 wraps around there.
  bool over_long() const {
    return m_state == APPLICATION &&
           !websocketpp::frame::opcode::is_control(
               websocketpp::frame::get_opcode(m_basic_header)) &&
           m_bytes_needed > m_max_message_size;
  }

private:
  config::rng_type keys_;
};

} // namespace switchboard::http::framing
