// How a websocket_connection ends: the closing handshake, the hand-over to another thread, the
// drop.

#include "http/websocket_connection.hpp"

#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <utility>

namespace switchboard::http {

using actors::link_close;
using actors::link_end;

void websocket_connection::close(uint16_t code, std::string_view reason) {
  check_thread();
  if (phase_ == phase::connecting || phase_ == phase::securing || phase_ == phase::upgrading)
    return finish(link_end::closed_by_us, "before the connection was open");
  if (phase_ != phase::open)
    return;
  on_detached_ = nullptr;
  enter(phase::closing);
  engine_->close(code, reason);
  do_flush();
  if (!paused_)
    return;
  paused_ = false; // the peer's close frame has to be read
  if (!delivering_)
    asio::post(io_, [self = shared_from_this()] { self->continue_reading(); });
}

/// Looks whether the engine has come to its end, and follows.
void websocket_connection::check_end() {
  if (phase_ == phase::ended)
    return;
  const engine_state state = engine_->state();
  if (state != engine_state::closed && state != engine_state::failed)
    return;
  if (client_ && phase_ == phase::upgrading)
    return finish(engine_->outcome(), drop_mode::orderly); // refused: we have nothing to answer
  const phase last = state == engine_state::closed ? phase::closing : phase::draining;
  if (phase_ != last) {
    enter(last);
    paused_ = false;
  }
  flush_now();
  if (queued_bytes() > 0 || phase_ == phase::ended)
    return;
  if (state == engine_state::closed)
    return finish(engine_->outcome(), drop_mode::orderly);
  if (!fin_sent_) {
    // Closing now would answer the peer's unread bytes with a reset, and that would overtake our
    // close frame: end our side, read on for a while.
    fin_sent_ = true;
    stream_->finish_sending();
  }
}

void websocket_connection::finish(link_end end, std::string detail, drop_mode mode) {
  link_close closed;
  closed.end = end;
  closed.detail = std::move(detail);
  finish(std::move(closed), mode);
}

void websocket_connection::finish(link_close closed, drop_mode mode) {
  if (phase_ == phase::ended)
    return;
  phase_ = phase::ended;
  ticker_.remove(this);
  if (stream_) // none: it could not be made
    stream_->drop(mode, shared_from_this());
  on_detached_ = nullptr;
  undelivered_.clear();
  keep_alive_.reset();
  if (dropped_)
    return;
  asio::post(io_, [self = shared_from_this(), closed = std::move(closed)] {
    if (websocket_events* events = std::exchange(self->events_, nullptr))
      events->on_closed(closed);
  });
}

void websocket_connection::drop() {
  check_thread();
  dropped_ = true;
  events_ = nullptr;
  finish(link_end::closed_by_us, "destroyed");
}

void websocket_connection::set_events(websocket_events* events) {
  check_thread();
  events_ = events;
}

// -- hand-over ------------------------------------------------------------------------------------

void websocket_connection::pause() {
  check_thread();
  if (phase_ == phase::open)
    paused_ = true;
}

void websocket_connection::detach(std::function<void(detached_websocket_ptr)> on_detached) {
  check_thread();
  if (phase_ != phase::open || tls_)
    return;
  paused_ = true;
  on_detached_ = std::make_unique<decltype(on_detached)>(std::move(on_detached));
  do_flush();
  check_detach();
}

/// Gives the socket out as soon as nothing of ours is under way on it.
void websocket_connection::check_detach() {
  if (!on_detached_ || phase_ != phase::open || delivering_ || writing_)
    return;
  flush_now();
  if (queued_bytes() > 0 || phase_ != phase::open)
    return; // after_write() or the end comes
  if (reading_) {
    if (!read_cancelled_)
      stream_->cancel();
    read_cancelled_ = true; // on_stream_read() comes back here
    return;
  }
  give_out();
}

void websocket_connection::give_out() {
  detached_websocket_ptr out(new detached_websocket);
  out->native_handle = stream_->release();
  if (out->native_handle < 0)
    return finish(link_end::lost, "the socket could not be released");
  phase_ = phase::ended;
  ticker_.remove(this);
  events_ = nullptr;
  out->engine = std::move(engine_);
  out->undelivered = std::move(undelivered_);
  out->keep_alive = std::move(keep_alive_);
  out->peer = peer_;
  out->got_message = got_message_;
  asio::post(io_, [self = shared_from_this(), out = std::move(out),
                   take = std::move(*on_detached_)]() mutable {
    if (!self->dropped_)
      take(std::move(out));
  });
  on_detached_ = nullptr;
}

} // namespace switchboard::http
