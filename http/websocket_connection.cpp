#include "http/websocket_connection.hpp"

#include "conf/memory_trail.hpp"
#include "http/websocket_target.hpp"

#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <unistd.h>

#include <atomic>
#include <utility>

namespace switchboard::http {

using actors::link_close;
using actors::link_end;
namespace limits = defaults::websocket;

namespace {
std::atomic<uint64_t> violations{0};
}

uint64_t websocket_thread_violations() {
  return violations.load(std::memory_order_relaxed);
}

detached_websocket::~detached_websocket() {
  if (native_handle >= 0)
    ::close(native_handle);
}

void detached_websocket_deleter::operator()(detached_websocket* detached) const {
  delete detached;
}

websocket_connection::websocket_connection(asio::io_context& io, actors::ticker& ticker,
                                           websocket_limits bounds, websocket_events* events)
    : events_(events), ticker_(ticker), limits_(bounds), io_(io) {
  phase_since_ = write_progress_ = message_at_ = ping_at_ = ticker.now();
}

websocket_connection::~websocket_connection() = default;

void websocket_connection::check_thread() const {
  if (std::this_thread::get_id() != thread_)
    violations.fetch_add(1, std::memory_order_relaxed);
}

// -- start ----------------------------------------------------------------------------------------

void websocket_connection::start_accept(int native_handle, std::string_view request_head,
                                        std::string_view early_bytes,
                                        std::shared_ptr<void> keep_alive) {
  ticker_.add(this);
  keep_alive_ = std::move(keep_alive);
  stream_ = websocket_stream::make_plain(io_);
  if (auto error = stream_->assign(native_handle)) {
    ::close(native_handle);
    return finish(link_end::lost, error.message());
  }
  peer_ = stream_->peer();
  engine_ = make_server_engine(request_head, early_bytes, limits_.message_bytes_max);
  enter(phase::upgrading);
  do_flush();
  asio::post(io_, [self = shared_from_this()] { self->begin(); });
}

void websocket_connection::start_connect(const websocket_target& target,
                                         std::shared_ptr<tls_client_context> tls) {
  ticker_.add(this);
  client_ = true;
  tls_ = target.tls;
  std::string problem = target_problem(target);
  if (problem.empty() && tls_ && !tls)
    problem = "no TLS context";
  if (!problem.empty()) {
    stream_ = websocket_stream::make_plain(io_);
    return finish(link_end::connect_failed, problem);
  }
  stream_ = tls_ ? websocket_stream::make_tls(io_, std::move(tls), target.host)
                 : websocket_stream::make_plain(io_);
  engine_ = make_client_engine(target, limits_.message_bytes_max);
  stream_->connect(target.host, target.port, shared_from_this());
}

void websocket_connection::start_attached(detached_websocket_ptr from) {
  ticker_.add(this);
  stream_ = websocket_stream::make_plain(io_);
  engine_ = std::move(from->engine);
  engine_->set_message_bytes_max(limits_.message_bytes_max);
  keep_alive_ = std::move(from->keep_alive);
  peer_ = std::move(from->peer);
  undelivered_ = std::move(from->undelivered);
  got_message_ = from->got_message;
  if (auto error = stream_->assign(from->native_handle))
    return finish(link_end::lost, error.message());
  from->native_handle = -1;
  enter(phase::open);
  asio::post(io_, [self = shared_from_this()] { self->continue_reading(); });
}

void websocket_connection::on_stream_connected(std::error_code error) {
  if (phase_ != phase::connecting)
    return;
  if (error)
    return finish(link_end::connect_failed, error.message());
  peer_ = stream_->peer();
  enter(phase::securing);
  stream_->secure(shared_from_this()); // plain: answers at once
}

void websocket_connection::on_stream_secured(std::error_code error, const std::string& detail) {
  if (phase_ != phase::securing)
    return;
  if (error)
    return finish(link_end::tls_failed, detail.empty() ? error.message() : detail);
  enter(phase::upgrading);
  do_flush();
  read_more();
}

/// Server role: the answer to the upgrade is written, the owner has its websocket in hand.
void websocket_connection::begin() {
  if (phase_ == phase::ended)
    return;
  if (engine_->state() == engine_state::open)
    on_engine_open();
  end_turn();
}

void websocket_connection::on_engine_open() {
  enter(phase::open);
  if (events_ != nullptr)
    events_->on_open();
}

void websocket_connection::enter(phase next) {
  phase_ = next;
  phase_since_ = ticker_.now();
  if (next == phase::open)
    message_at_ = ping_at_ = phase_since_;
}

// -- reading --------------------------------------------------------------------------------------

void websocket_connection::read_more() {
  if (reading_ || paused_ || phase_ == phase::ended)
    return;
  reading_ = true;
  if (!stream_->read_on())
    stream_->read_some(shared_from_this());
}

void websocket_connection::on_stream_read(std::error_code error, char* bytes, size_t count) {
  reading_ = false;
  if (phase_ == phase::ended)
    return;
  pong_awaited_ = pong_awaited_ && count == 0; // whatever comes: the peer lives
  const bool cancelled = std::exchange(read_cancelled_, false);
  if (error == asio::error::operation_aborted && cancelled)
    return end_turn();
  if (error)
    return on_read_error(error);
  if (phase_ == phase::draining)
    return drain(count);
  if (paused_) { // asked for while this read was under way
    undelivered_.assign(bytes, count);
    return end_turn();
  }
  deliver(bytes, count);
}

/// Hands one read's bytes to the engine, and through it all their messages to the owner. The
/// caller holds a reference to this connection: the owner may let go of it in any callback.
void websocket_connection::deliver(char* bytes, size_t count) {
  touched_until(&events_, &limits_);
  delivering_ = true;
  delivered_ = false;
  const size_t used = engine_->feed(bytes, count, *this);
  if (used < count && phase_ != phase::ended)
    undelivered_.assign(bytes + used, count - used);
  if (delivered_ && events_ != nullptr)
    events_->on_read_end();
  delivering_ = false;
  end_turn();
}

void websocket_connection::on_engine_text(std::string_view message) {
  delivered_ = got_message_ = true;
  message_at_ = ticker_.now();
  if (events_ != nullptr)
    events_->on_text(message);
}

void websocket_connection::on_engine_binary(size_t bytes) {
  delivered_ = got_message_ = true;
  message_at_ = ticker_.now();
  if (events_ != nullptr)
    events_->on_binary(bytes);
}

void websocket_connection::end_turn() {
  if (phase_ == phase::ended)
    return;
  if (engine_->take_control_queued())
    do_flush();
  if (phase_ != phase::ended && queued_bytes() > limits_.write_queue_bytes_max)
    finish(link_end::overflow, "write queue", drop_mode::abort); // pings without end, no reading
  check_end();
  check_detach();
  read_more();
}

/// Goes on with what an earlier read left behind.
void websocket_connection::continue_reading() {
  if (phase_ == phase::ended || paused_)
    return;
  if (undelivered_.empty())
    return end_turn();
  std::string rest = std::move(undelivered_);
  undelivered_.clear();
  deliver(rest.data(), rest.size());
}

void websocket_connection::drain(size_t count) {
  drained_ += count;
  if (drained_ > limits::drain_bytes_max)
    return finish(engine_->outcome(), drop_mode::orderly);
  read_more();
}

void websocket_connection::on_read_error(std::error_code error) {
  const engine_state state = engine_->state();
  if (state == engine_state::closed || state == engine_state::failed)
    return finish(engine_->outcome(), drop_mode::orderly);
  if (phase_ == phase::closing)
    return finish(link_end::closed_by_us, "the peer ended TCP without a close frame");
  finish(link_end::lost,
         phase_ == phase::upgrading ? "during the upgrade: " + error.message() : error.message());
}

// -- writing --------------------------------------------------------------------------------------

bool websocket_connection::send_text(std::string_view message) {
  touched_until(&events_, &limits_);
  check_thread();
  if (phase_ != phase::open || write_failed_)
    return false;
  if (queued_bytes() + message.size() > limits_.write_queue_bytes_max) {
    finish(link_end::overflow, "write queue", drop_mode::abort);
    return false;
  }
  return engine_->send_text(message);
}

void websocket_connection::flush() {
  check_thread();
  if (phase_ == phase::open)
    do_flush();
}

size_t websocket_connection::queued_bytes() const {
  const size_t in_flight = writing_ ? in_flight_.size() - in_flight_sent_ : 0;
  return in_flight + (engine_ ? engine_->output().size() : 0);
}

void websocket_connection::do_flush() {
  if (phase_ == phase::ended || writing_)
    return;
  std::string& out = engine_->output();
  if (write_failed_)
    out.clear();
  if (out.empty())
    return;
  stream_->settle(); // what was taken before goes before it, and may come back
  if (phase_ == phase::ended || writing_ || out.empty())
    return;
  std::error_code error;
  const size_t sent = stream_->send(out.data(), out.size(), *this, error);
  if (error)
    return on_write_error(error);
  if (sent == out.size())
    return engine_->output_written();
  in_flight_.swap(out);
  in_flight_sent_ = sent;
  write_progress_ = ticker_.now();
  start_write();
}

/// Flushes what the end waits for: afterwards it is with the kernel, or in queued_bytes().
void websocket_connection::flush_now() {
  do_flush();
  stream_->settle();
}

void websocket_connection::start_write() {
  writing_ = true;
  stream_->write_some(in_flight_.data() + in_flight_sent_, in_flight_.size() - in_flight_sent_,
                      shared_from_this());
}

void websocket_connection::on_stream_written(std::error_code error, size_t bytes) {
  writing_ = false;
  if (phase_ == phase::ended)
    return;
  if (error)
    return on_write_error(error);
  in_flight_sent_ += bytes;
  write_progress_ = ticker_.now();
  if (in_flight_sent_ < in_flight_.size())
    return start_write();
  in_flight_.clear();
  in_flight_sent_ = 0;
  if (in_flight_.capacity() > limits::buffer_kept_bytes)
    in_flight_.shrink_to_fit();
  do_flush();
  after_write();
}

void websocket_connection::on_stream_unsent(std::error_code error, const char* rest, size_t count) {
  if (phase_ == phase::ended)
    return;
  if (error)
    return on_write_error(error);
  in_flight_.assign(rest, count); // nothing else is: what comes next settles this first
  in_flight_sent_ = 0;
  write_progress_ = ticker_.now();
  start_write();
}

void websocket_connection::after_write() {
  if (phase_ == phase::ended || delivering_)
    return;
  check_end();
  check_detach();
}

/// The peer is gone, but what it said before may still be unread: its close frame, for one. The
/// read in progress gets that first and the error after it.
void websocket_connection::on_write_error(std::error_code error) {
  write_failed_ = true;
  in_flight_.clear();
  in_flight_sent_ = 0;
  engine_->output().clear();
  if (!reading_ && !delivering_)
    on_read_error(error);
}

} // namespace switchboard::http
