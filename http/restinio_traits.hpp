#pragma once

// Internal to front.cpp and front_answer.cpp: the only files that include RESTinio.

#include <restinio/all.hpp>

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

/// One thread, no locks; connections are counted and bounded; we learn when one is gone.
struct front_traits : restinio::default_single_thread_traits_t {
  using connection_state_listener_t = state_listener;
  static constexpr bool use_connection_count_limiter = true;
};

// RESTinio 0.6.16 offers no way to hand it accepted sockets but these parts of its implementation.
using http_connection = restinio::impl::connection_t<front_traits>;
using connection_factory = restinio::impl::connection_factory_t<front_traits>;
using connection_limiter = restinio::connection_count_limit_types<front_traits>::limiter_t;
using connection_monitor = restinio::connection_count_limit_types<front_traits>::lifetime_monitor_t;

/// What restinio::http_server_t does with its settings, without its acceptor.
inline std::shared_ptr<connection_factory>
make_factory(asio::io_context& io, restinio::server_settings_t<front_traits>&& settings) {
  settings.ensure_valid_connection_state_listener();
  settings.ensure_valid_ip_blocker();
  auto timers = settings.timer_factory()->create(io);
  auto shared = std::make_shared<restinio::impl::connection_settings_t<front_traits>>(
      settings, restinio::impl::create_parser_settings<front_traits::http_methods_mapper_t>(),
      std::move(timers));
  return std::make_shared<connection_factory>(std::move(shared), settings.socket_options_setter());
}

} // namespace switchboard::http
