// The deadlines of a websocket_connection: looked at on its thread's tick, no timer of its own.

#include "http/websocket_connection.hpp"

namespace switchboard::http {

using actors::link_end;

bool websocket_connection::expired(actors::monotonic now, actors::monotonic since, duration limit) {
  return limit.count() > 0 && now - since >= limit;
}

void websocket_connection::on_tick(actors::monotonic now) {
  auto self = shared_from_this();
  switch (phase_) {
  case phase::connecting:
    if (expired(now, phase_since_, limits_.connect_timeout))
      time_out("connect", 0);
    break;
  case phase::securing:
    if (expired(now, phase_since_, limits_.tls_timeout))
      time_out("tls", 0);
    break;
  case phase::upgrading:
    if (expired(now, phase_since_, limits_.handshake_timeout))
      time_out("handshake", 0);
    break;
  case phase::open:
    tick_open(now);
    break;
  case phase::closing:
  case phase::draining:
    if (!expired(now, phase_since_, limits_.close_timeout))
      break;
    if (engine_->state() == engine_state::closing)
      time_out("close", 0);
    else
      finish(engine_->outcome(), drop_mode::orderly);
    break;
  case phase::ended:
    break;
  }
}

void websocket_connection::tick_open(actors::monotonic now) {
  if (writing_ && expired(now, write_progress_, limits_.write_age_max))
    return finish(link_end::overflow, "write without progress", drop_mode::abort);
  if (!got_message_ && expired(now, phase_since_, limits_.first_message_timeout))
    return time_out("first message", 1008);
  if (expired(now, message_at_, limits_.idle_timeout))
    return time_out("idle", 1001);
  tick_ping(now);
}

void websocket_connection::tick_ping(actors::monotonic now) {
  if (limits_.ping_interval.count() == 0 || paused_)
    return;
  if (pong_awaited_) {
    if (expired(now, ping_at_, limits_.pong_timeout))
      finish(link_end::timed_out, "pong", drop_mode::abort);
    return;
  }
  if (!expired(now, ping_at_, limits_.ping_interval))
    return;
  ping_at_ = now;
  pong_awaited_ = true;
  engine_->ping();
  do_flush();
}

/// @param close_code sent before the connection is closed, without waiting for an answer.
void websocket_connection::time_out(const char* name, uint16_t close_code) {
  if (close_code != 0) {
    engine_->close(close_code, name);
    do_flush();
  }
  finish(link_end::timed_out, name);
}

} // namespace switchboard::http
