#pragma once

// websocketpp's own Asio endpoints as foreign peers: another state machine, another handshake and
// another socket code than ours.

#include "tests/http/websocket_fixture_tls.hpp"

#include <asio/ssl.hpp>
#include <websocketpp/client.hpp>
#include <websocketpp/config/asio.hpp>
#include <websocketpp/config/asio_client.hpp>
#include <websocketpp/server.hpp>

#include <string>
#include <type_traits>
#include <vector>

namespace switchboard::http::testing {

inline std::shared_ptr<asio::ssl::context> make_server_context(const certificate& own) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  context->use_certificate_chain(asio::buffer(own.certificate_pem));
  context->use_private_key(asio::buffer(own.key_pem), asio::ssl::context::pem);
  return context;
}

/// An echo server. `Config` is websocketpp::config::asio or asio_tls.
template <class Config>
class foreign_server {
public:
  using endpoint = websocketpp::server<Config>;
  using handle = websocketpp::connection_hdl;

  explicit foreign_server(asio::io_context& io, certificate own = {}) {
    server_.clear_access_channels(websocketpp::log::alevel::all);
    server_.clear_error_channels(websocketpp::log::elevel::all);
    server_.init_asio(&io);
    server_.set_reuse_addr(true);
    if constexpr (std::is_same_v<Config, websocketpp::config::asio_tls>)
      server_.set_tls_init_handler([own](handle) { return make_server_context(own); });
    server_.set_validate_handler([this](handle h) {
      auto connection = server_.get_con_from_hdl(h);
      authorization = connection->get_request_header("Authorization");
      resource = connection->get_resource();
      if (refuse_with != 0)
        connection->set_status(static_cast<websocketpp::http::status_code::value>(refuse_with));
      return refuse_with == 0;
    });
    server_.set_open_handler([this](handle h) { last = h; });
    server_.set_message_handler([this](handle h, typename endpoint::message_ptr message) {
      texts.push_back(message->get_payload());
      if (echo)
        server_.send(h, message->get_payload(), message->get_opcode());
    });
    server_.set_close_handler([this](handle h) {
      auto connection = server_.get_con_from_hdl(h);
      close_code = connection->get_remote_close_code();
      ++closings;
    });
    server_.listen(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    server_.start_accept();
    asio::error_code error;
    port = server_.get_local_endpoint(error).port();
  }

  ~foreign_server() {
    websocketpp::lib::error_code ignored;
    server_.stop_listening(ignored);
  }

  void send(const std::string& text) { server_.send(last, text, websocketpp::frame::opcode::text); }
  void close(uint16_t code, const std::string& reason) { server_.close(last, code, reason); }

  uint16_t port = 0;
  bool echo = true;
  int refuse_with = 0;
  std::vector<std::string> texts;
  std::string authorization;
  std::string resource;
  int closings = 0;
  int close_code = 0;
  handle last;

private:
  endpoint server_;
};

/// A client that writes down what it gets.
class foreign_client {
public:
  using endpoint = websocketpp::client<websocketpp::config::asio_client>;
  using handle = websocketpp::connection_hdl;

  foreign_client(asio::io_context& io, uint16_t port) {
    client_.clear_access_channels(websocketpp::log::alevel::all);
    client_.clear_error_channels(websocketpp::log::elevel::all);
    client_.init_asio(&io);
    client_.set_open_handler([this](handle) { ++opened; });
    client_.set_fail_handler([this](handle) { ++failed; });
    client_.set_message_handler(
        [this](handle, endpoint::message_ptr message) { texts.push_back(message->get_payload()); });
    client_.set_pong_handler([this](handle, std::string payload) { pongs.push_back(payload); });
    client_.set_close_handler([this](handle h) {
      close_code = client_.get_con_from_hdl(h)->get_remote_close_code();
      ++closings;
    });
    websocketpp::lib::error_code error;
    connection_ =
        client_.get_connection("ws://127.0.0.1:" + std::to_string(port) + "/streams", error);
    client_.connect(connection_);
  }

  void send(const std::string& text) { connection_->send(text, websocketpp::frame::opcode::text); }
  void ping(const std::string& payload) { connection_->ping(payload); }
  void close(uint16_t code, const std::string& reason) { connection_->close(code, reason); }

  int opened = 0;
  int failed = 0;
  int closings = 0;
  int close_code = 0;
  std::vector<std::string> texts;
  std::vector<std::string> pongs;

private:
  endpoint client_;
  endpoint::connection_ptr connection_;
};

} // namespace switchboard::http::testing
