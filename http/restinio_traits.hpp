#pragma once

// Internal to front.cpp and front_answer.cpp: the only files that include RESTinio.

#include "conf/defaults/http.hpp"
#include "http/parser_guard.hpp"

// RESTinio has no other place where one could see what its parser refused. It calls it through this
// name, in templates that are instantiated nowhere else.
inline size_t switchboard_http_parser_execute(http_parser* parser,
                                              const http_parser_settings* settings,
                                              const char* data, size_t length) {
  return switchboard::http::parse_guarded(*parser, *settings, data, length);
}
#define http_parser_execute switchboard_http_parser_execute
#include <restinio/all.hpp>
#undef http_parser_execute

#include <algorithm>
#include <functional>
#include <memory>

namespace switchboard::http {

/// Passes RESTinio's notices on.
class state_listener {
public:
  using notice_handler = std::function<void(const restinio::connection_state::notice_t&)>;
  explicit state_listener(notice_handler handle) : handle_(std::move(handle)) {}
  void state_changed(const restinio::connection_state::notice_t& notice) noexcept {
    handle_(notice);
  }

private:
  notice_handler handle_;
};

/// RESTinio's names of methods, and those of what stands for a request that was refused.
struct method_names {
  static restinio::http_method_id_t from_nodejs(int method) noexcept {
    if (method >= static_cast<int>(unknown_method))
      return {method, "UNKNOWN"};
    return restinio::default_http_methods_t::from_nodejs(method);
  }
};

/// One thread, no locks; connections are counted and bounded; we learn when one is gone.
struct front_traits : restinio::default_single_thread_traits_t {
  using connection_state_listener_t = state_listener;
  using http_methods_mapper_t = method_names;
  static constexpr bool use_connection_count_limiter = true;
};

// RESTinio 0.6.16 offers no way to hand it accepted sockets but these parts of its implementation.
using http_connection = restinio::impl::connection_t<front_traits>;
using connection_factory = restinio::impl::connection_factory_t<front_traits>;
using connection_limiter = restinio::connection_count_limit_types<front_traits>::limiter_t;
using connection_monitor = restinio::connection_count_limit_types<front_traits>::lifetime_monitor_t;

/// RESTinio's parser callbacks, but for those that would let a client choose how much memory it
/// has: a body is reserved at its announced length before a byte of it is there, and kept whole up
/// to the parser's limit; each chunk of a chunked body leaves a record, however short it is; and 4
/// bytes of header make a field of over 100. Here a request keeps no more than what our limits let
/// pass and the one byte or field that shows that there was more.
template <class Methods>
http_parser_settings bounded_parser_settings() {
  using context = restinio::impl::http_parser_ctx_t;
  namespace limits = defaults::http;
  auto settings = restinio::impl::create_parser_settings<Methods>();
  settings.on_message_begin = [](http_parser* parser) -> int {
    static_cast<context*>(parser->data)->reset(); // of a request that was refused
    return 0;
  };
  settings.on_headers_complete = [](http_parser* parser) -> int {
    auto* ctx = static_cast<context*>(parser->data);
    ctx->m_leading_headers_completed = true;
    const bool announced = parser->content_length != ULLONG_MAX;
    return announced && parser->content_length > ctx->m_limits.max_body_size() ? -1 : 0;
  };
  settings.on_body = [](http_parser* parser, const char* at, size_t length) -> int {
    auto& body = static_cast<context*>(parser->data)->m_body;
    const size_t room =
        limits::body_bytes_max + 1 - std::min(body.size(), limits::body_bytes_max + 1);
    return restinio::impl::restinio_body_cb(parser, at, std::min(length, room));
  };
  settings.on_chunk_header = [](http_parser*) -> int { return 0; };
  settings.on_header_field = [](http_parser* parser, const char* at, size_t length) -> int {
    const bool full = static_cast<context*>(parser->data)->m_total_field_count > limits::fields_max;
    return full ? 0 : restinio::impl::restinio_header_field_cb(parser, at, length);
  };
  settings.on_header_value = [](http_parser* parser, const char* at, size_t length) -> int {
    auto* ctx = static_cast<context*>(parser->data);
    const bool full = ctx->m_last_was_value && ctx->m_total_field_count > limits::fields_max;
    return full ? 0 : restinio::impl::restinio_header_value_cb(parser, at, length);
  };
  return settings;
}

/// What restinio::http_server_t does with its settings, without its acceptor.
inline std::shared_ptr<connection_factory>
make_factory(asio::io_context& io, restinio::server_settings_t<front_traits>&& settings) {
  settings.ensure_valid_connection_state_listener();
  settings.ensure_valid_ip_blocker();
  auto timers = settings.timer_factory()->create(io);
  auto shared = std::make_shared<restinio::impl::connection_settings_t<front_traits>>(
      settings, bounded_parser_settings<front_traits::http_methods_mapper_t>(), std::move(timers));
  return std::make_shared<connection_factory>(std::move(shared), settings.socket_options_setter());
}

} // namespace switchboard::http
