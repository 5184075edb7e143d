#pragma once

// Internal to the engine's .cpp files: the only places that see websocketpp.

#include <websocketpp/common/system_error.hpp>
#include <websocketpp/extensions/permessage_deflate/disabled.hpp>
#include <websocketpp/http/request.hpp>
#include <websocketpp/http/response.hpp>
#include <websocketpp/message_buffer/message.hpp>
#include <websocketpp/processors/hybi13.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace switchboard::http::framing {

/// Masking keys that a peer or a proxy cannot foresee (RFC 6455 section 5.3).
struct mask_keys {
  uint32_t operator()() const;
};

/// Hands out the same two buffers (data and control) again and again instead of allocating a
/// message and its payload per frame.
template <class message>
class reusing_manager : public std::enable_shared_from_this<reusing_manager<message>> {
public:
  using ptr = std::shared_ptr<reusing_manager>;
  using weak_ptr = std::weak_ptr<reusing_manager>;
  using message_ptr = std::shared_ptr<message>;

  message_ptr get_message() { return std::make_shared<message>(this->shared_from_this()); }
  message_ptr get_message(websocketpp::frame::opcode::value op, size_t bytes);
  bool recycle(message*) { return false; }
  /// Gives a buffer back that one large message left behind.
  void shrink();

private:
  message_ptr data_;
  message_ptr control_;
};

/// What websocketpp's protocol processor needs to know; no transport, no compression, no logs.
struct config {
  using request_type = websocketpp::http::parser::request;
  using response_type = websocketpp::http::parser::response;
  using message_type = websocketpp::message_buffer::message<reusing_manager>;
  using con_msg_manager_type = reusing_manager<message_type>;
  using rng_type = mask_keys;
  static constexpr bool enable_extensions = false;
  static constexpr size_t max_message_size = 64 * 1024; // until set_max_message_size()
  struct permessage_deflate_config {
    using request_type = config::request_type;
  };
  using permessage_deflate_type =
      websocketpp::extensions::permessage_deflate::disabled<permessage_deflate_config>;
};

using opcode = websocketpp::frame::opcode::value;
using message_ptr = config::message_type::ptr;

/// websocketpp's RFC 6455 processor, with the one length check it lacks.
class processor : public websocketpp::processor::hybi13<config> {
public:
  processor(bool server, std::shared_ptr<config::con_msg_manager_type> manager, mask_keys& keys)
      : websocketpp::processor::hybi13<config>(false, server, std::move(manager), keys) {}

  /// True if a data frame claims more than the message bound. The base adds the claim to what it
  /// has before it compares, and a claim near 2^64 wraps around there.
  bool over_long() const {
    return m_state == APPLICATION &&
           !websocketpp::frame::opcode::is_control(
               websocketpp::frame::get_opcode(m_basic_header)) &&
           m_bytes_needed > m_max_message_size;
  }
};

/// Appends one whole frame to `out`, masked if `masked`.
void append_frame(std::string& out, opcode op, std::string_view payload, bool masked);

/// @returns the close code that answers a parse error (RFC 6455 section 7.4.1).
uint16_t close_code_for(const websocketpp::lib::error_code& error);

} // namespace switchboard::http::framing
