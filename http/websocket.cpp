#include "http/websocket.hpp"

#include "http/socket_poller.hpp"
#include "http/websocket_connection.hpp"

namespace switchboard::http {
namespace {

/// The owner's end of a connection. The connection itself lives on until its pending operations
/// have ended, so that the owner may destroy this one at any time, in a callback too.
class websocket_handle final : public websocket {
public:
  explicit websocket_handle(std::shared_ptr<websocket_connection> connection)
      : connection_(std::move(connection)) {}
  ~websocket_handle() override { connection_->drop(); }

  bool send_text(std::string_view message) override { return connection_->send_text(message); }
  void flush() override { connection_->flush(); }
  void close(uint16_t code, std::string_view reason) override { connection_->close(code, reason); }
  void pause() override { connection_->pause(); }
  void detach(std::function<void(detached_websocket_ptr)> on_detached) override {
    connection_->detach(std::move(on_detached));
  }
  void set_events(websocket_events* events) override { connection_->set_events(events); }
  size_t queued_bytes() const override { return connection_->queued_bytes(); }
  bool is_open() const override { return connection_->is_open(); }
  std::string peer() const override { return connection_->peer(); }

private:
  std::shared_ptr<websocket_connection> connection_;
};

} // namespace

void websocket::prepare(asio::io_context& io) {
  socket_poller::of(io);
}

std::unique_ptr<websocket> websocket::accept(asio::io_context& io, actors::ticker& ticker,
                                             int native_handle, std::string request_head,
                                             std::string early_bytes, websocket_limits limits,
                                             websocket_events* events,
                                             std::shared_ptr<void> keep_alive) {
  auto connection = std::make_shared<websocket_connection>(io, ticker, limits, events);
  auto handle = std::make_unique<websocket_handle>(connection);
  connection->start_accept(native_handle, request_head, early_bytes, std::move(keep_alive));
  return handle;
}

std::unique_ptr<websocket> websocket::connect(asio::io_context& io, actors::ticker& ticker,
                                              websocket_target target,
                                              std::shared_ptr<tls_client_context> tls,
                                              websocket_limits limits, websocket_events* events) {
  auto connection = std::make_shared<websocket_connection>(io, ticker, limits, events);
  auto handle = std::make_unique<websocket_handle>(connection);
  connection->start_connect(target, std::move(tls));
  return handle;
}

std::unique_ptr<websocket> websocket::attach(asio::io_context& io, actors::ticker& ticker,
                                             detached_websocket_ptr detached,
                                             websocket_limits limits, websocket_events* events) {
  auto connection = std::make_shared<websocket_connection>(io, ticker, limits, events);
  auto handle = std::make_unique<websocket_handle>(connection);
  connection->start_attached(std::move(detached));
  return handle;
}

} // namespace switchboard::http
