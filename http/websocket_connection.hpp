#pragma once

// Internal: what stands behind a `websocket`.

#include "conf/defaults/line.hpp"
#include "conf/defaults/websocket.hpp"
#include "http/websocket_engine.hpp"
#include "http/websocket_stream.hpp"

#include <functional>
#include <thread>

namespace switchboard::http {

/// A socket between two threads; closes it if nobody takes it.
class detached_websocket {
public:
  detached_websocket() = default;
  detached_websocket(const detached_websocket&) = delete;
  detached_websocket& operator=(const detached_websocket&) = delete;
  ~detached_websocket();

  int native_handle = -1;
  std::unique_ptr<websocket_engine> engine;
  std::string undelivered; // raw bytes of the last read: never more than one read
  std::shared_ptr<void> keep_alive;
  std::string peer;
  bool got_message = false;
};

/// Glues engine and stream together, with deadlines and bounds. Shared by the websocket and by the
/// handlers of pending operations; after drop() it only waits for these to end.
class alignas(defaults::line::cache_line_bytes) websocket_connection final
    : public stream_listener,
      public engine_events,
      public actors::tickable,
      public std::enable_shared_from_this<websocket_connection> {
public:
  websocket_connection(asio::io_context&, actors::ticker&, websocket_limits, websocket_events*);
  ~websocket_connection() override;

  void start_accept(int native_handle, std::string_view request_head, std::string_view early_bytes,
                    std::shared_ptr<void> keep_alive);
  void start_connect(const websocket_target&, std::shared_ptr<tls_client_context>);
  void start_attached(detached_websocket_ptr);

  bool send_text(std::string_view message);
  void flush();
  void close(uint16_t code, std::string_view reason);
  void pause();
  void detach(std::function<void(detached_websocket_ptr)>);
  void set_events(websocket_events*);
  size_t queued_bytes() const;
  bool is_open() const { return phase_ == phase::open && !on_detached_; }
  const std::string& peer() const { return peer_; }
  /// The owner is gone: no more events, no more connection.
  void drop();

private:
  enum class phase : uint8_t {
    connecting, ///< DNS and TCP
    securing,   ///< TLS
    upgrading,  ///< client: the 101 is awaited
    open,
    closing,  ///< a close frame is under way, ours or the answer to theirs
    draining, ///< our last word is sent; what still comes is dropped, so that it arrives
    ended,
  };
  using duration = std::chrono::milliseconds;

  // -- of the stream --
  void on_stream_connected(std::error_code) override;
  void on_stream_secured(std::error_code, const std::string& detail) override;
  void on_stream_read(std::error_code, char* bytes, size_t count) override;
  void on_stream_written(std::error_code, size_t bytes) override;
  void on_stream_unsent(std::error_code, const char* rest, size_t count) override;
  // -- of the engine --
  void on_engine_open() override;
  void on_engine_text(std::string_view message) override;
  void on_engine_binary(size_t bytes) override;
  bool engine_should_stop() const override { return paused_ || phase_ == phase::ended; }
  // -- time --
  void on_tick(actors::monotonic now) override;
  void tick_open(actors::monotonic now);
  void tick_ping(actors::monotonic now);
  static bool expired(actors::monotonic now, actors::monotonic since, duration limit);
  // -- reading --
  void begin();
  void read_more();
  void deliver(char* bytes, size_t count);
  void end_turn();
  void continue_reading();
  void drain(size_t count);
  void on_read_error(std::error_code);
  // -- writing --
  void do_flush();
  void flush_now();
  void start_write();
  void on_write_error(std::error_code);
  void after_write();
  // -- the end --
  void enter(phase);
  void check_end();
  void check_detach();
  void give_out();
  void time_out(const char* name, uint16_t close_code);
  void finish(actors::link_close, drop_mode);
  void finish(actors::link_end, std::string detail, drop_mode = drop_mode::orderly);
  void check_thread() const;

  // First what each frame needs, in as few lines of the cache as it takes (docs/performance.md).
  websocket_events* events_;
  std::unique_ptr<websocket_stream> stream_;
  std::unique_ptr<websocket_engine> engine_;
  actors::ticker& ticker_;
  std::thread::id thread_ = std::this_thread::get_id();
  actors::monotonic message_at_;
  phase phase_ = phase::connecting;
  bool client_ = false;
  bool tls_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool write_failed_ = false;
  bool delivering_ = false;
  bool delivered_ = false;
  bool paused_ = false;
  bool dropped_ = false;
  bool fin_sent_ = false;
  bool read_cancelled_ = false;
  bool got_message_ = false;
  bool pong_awaited_ = false;
  std::unique_ptr<std::function<void(detached_websocket_ptr)>> on_detached_; // who waits for it
  websocket_limits limits_;

  asio::io_context& io_;
  std::shared_ptr<void> keep_alive_;
  std::string peer_;
  std::string undelivered_;
  std::string in_flight_; // being written
  size_t in_flight_sent_ = 0;
  size_t drained_ = 0;

  actors::monotonic phase_since_;
  actors::monotonic write_progress_;
  actors::monotonic ping_at_;
};

} // namespace switchboard::http
