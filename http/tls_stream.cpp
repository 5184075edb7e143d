// A TCP connection with TLS, client only: a tls_session between a plain stream and its owner, so
// that what is encrypted is received and sent in the poller's rounds like everything else
// (docs/adr/0015).

#include "conf/memory_trail.hpp"
#include "http/tls_session.hpp"
#include "http/websocket_stream.hpp"

#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <utility>

namespace switchboard::http {

namespace {

/// The plain stream is given its owner's listener as one that comes here: it keeps the owner alive,
/// and with it this.
class tls_stream final : public websocket_stream, private stream_listener {
public:
  tls_stream(asio::io_context& io, std::shared_ptr<tls_client_context> context,
             const std::string& host)
      : wire_(make_plain(io)), context_(std::move(context)), session_(*context_, host), io_(io) {}

  // Only clients speak TLS, and they do not move to another thread.
  std::error_code assign(int) override { return asio::error::operation_not_supported; }
  int release() override { return -1; }

  void connect(const std::string& host, uint16_t port, listener l) override {
    wire_->connect(host, port, std::move(l));
  }

  void secure(listener l) override {
    owner_ = l.get();
    if (shake())
      wire_->read_some(here(l));
  }

  void read_some(listener l) override {
    owner_ = l.get();
    if (!has_read())
      return wire_->read_some(here(l));
    asio::post(io_, [this, l = std::move(l)] { hand_over(); });
  }

  bool read_on() override { return !has_read() && wire_->read_on(); }

  size_t send(const char* bytes, size_t count, stream_listener& owner,
              std::error_code& error) override {
    touched_until(this, &early_);
    owner_ = &owner;
    if (!session_.encrypt(bytes, count))
      error = session_.failure();
    if (const auto failed = send_output(); failed && !error)
      error = failed;
    return error ? 0 : count;
  }

  void settle() override { wire_->settle(); }

  void write_some(const char* bytes, size_t count, listener l) override {
    owner_ = l.get();
    wire_->write_some(bytes, count, here(l)); // as it was handed back: encrypted
  }

  void cancel() override { wire_->cancel(); }
  void finish_sending() override { wire_->finish_sending(); }

  void drop(drop_mode mode, listener l) override {
    // Our WebSocket has said its farewell: nobody waits for the peer's close_notify.
    if (mode == drop_mode::orderly && unsent_bytes_ == 0 && session_.close())
      send_output();
    wire_->drop(mode, std::move(l));
  }

  std::string peer() const override { return wire_->peer(); }

private:
  listener here(const listener& owner) { return {owner, static_cast<stream_listener*>(this)}; }

  // -- handshake ----------------------------------------------------------------------------------

  /// @returns whether it needs more of the peer; otherwise the owner has heard how it ended.
  bool shake() {
    const auto step = session_.shake();
    auto error = send_output();
    if (!error && unsent_bytes_ > 0) // a few hundred bytes, the first on their socket
      error = asio::error::no_buffer_space;
    if (step == tls_session::progress::failed)
      error = session_.failure();
    if (step == tls_session::progress::wants_more && !error)
      return true;
    if (!error) { // session tickets come along, hardly ever words
      const auto got = session_.decrypt();
      early_.assign(got.bytes, got.count);
      over_ = got.over;
    }
    end_handshake(error);
    return false;
  }

  void end_handshake(std::error_code error) {
    secured_ = !error;
    owner_->on_stream_secured(error, error ? session_.verify_problem() : std::string());
  }

  // -- reading ------------------------------------------------------------------------------------

  /// Whether there is something to be told before the next bytes of the peer.
  bool has_read() const { return over_ || !early_.empty(); }

  void hand_over() {
    std::string bytes;
    bytes.swap(early_);
    if (bytes.empty())
      owner_->on_stream_read(over_, nullptr, 0);
    else
      owner_->on_stream_read({}, bytes.data(), bytes.size());
  }

  void on_stream_read(std::error_code error, char* bytes, size_t count) override {
    touched_until(this, &early_);
    session_.input(bytes, count);
    if (!secured_) {
      if (error)
        end_handshake(error);
      else if (shake())
        wire_->read_on();
      return;
    }
    if (error)
      return owner_->on_stream_read(error, nullptr, 0);
    const auto got = session_.decrypt();
    over_ = got.over;
    if (const auto failed = send_output(); failed && !over_) // the answer to a key update, an alert
      over_ = failed;
    if (got.count > 0)
      owner_->on_stream_read({}, got.bytes, got.count);
    else if (over_)
      owner_->on_stream_read(over_, nullptr, 0);
    else
      wire_->read_on(); // a part of a record, or nothing that is for the owner
  }

  // -- writing ------------------------------------------------------------------------------------

  /// Sends what the session has to say. What the socket does not take, the owner gets back to write
  /// it. Until it has, nothing can follow: the owner sends nothing then, and TLS itself has nothing
  /// to say but when it ends (or a peer wants to renegotiate: that ends it).
  std::error_code send_output() {
    std::string& out = session_.output();
    if (out.empty())
      return {};
    wire_->settle(); // what was taken before goes before it, and may come back
    std::error_code error = asio::error::no_buffer_space;
    if (unsent_bytes_ == 0) {
      error = {};
      const size_t sent = wire_->send(out.data(), out.size(), *this, error);
      if (!error && sent < out.size())
        on_stream_unsent({}, out.data() + sent, out.size() - sent);
    }
    out.clear();
    return error;
  }

  void on_stream_written(std::error_code error, size_t bytes) override {
    unsent_bytes_ -= std::min(bytes, unsent_bytes_);
    owner_->on_stream_written(error, bytes);
  }

  void on_stream_unsent(std::error_code error, const char* rest, size_t count) override {
    if (!error)
      unsent_bytes_ += count;
    owner_->on_stream_unsent(error, rest, count);
  }

  // The owner asks the plain stream itself for these.
  void on_stream_connected(std::error_code) override {}
  void on_stream_secured(std::error_code, const std::string&) override {}

  std::unique_ptr<websocket_stream> wire_;
  std::shared_ptr<tls_client_context> context_; // before the session, which it outlives
  tls_session session_;
  stream_listener* owner_ = nullptr;
  size_t unsent_bytes_ = 0; // encrypted, in the owner's hands
  bool secured_ = false;
  std::error_code over_; // what came after all that was read
  std::string early_;    // read by the handshake, for the owner
  asio::io_context& io_;
};

} // namespace

std::unique_ptr<websocket_stream>
websocket_stream::make_tls(asio::io_context& io, std::shared_ptr<tls_client_context> context,
                           const std::string& host) {
  return std::make_unique<tls_stream>(io, std::move(context), host);
}

} // namespace switchboard::http
