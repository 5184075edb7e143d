#pragma once

// A running server on a free port of 127.0.0.1 with fake actors behind it, and a plain client.

#include "actors/actor_error.hpp"
#include "actors/line.hpp"
#include "http/server.hpp"
#include "storage/call_store.hpp"

#include <caf/all.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace switchboard::http::testing {

/// Answers of the fake actors; set by a test, read on other threads.
struct fakes {
  std::mutex mutex;
  std::vector<storage::call_details> calls;
  std::vector<std::string> read_whole; ///< calls of lists that were read with their relations
  storage::storage_error broken = storage::storage_error::none; ///< what every query answers
  actors::actor_error admit_error = actors::actor_error::none;
  actors::next_step next;
  std::string nonce = "nonce-1";
  int64_t expires_at_s = 4'000'000'000;
  bool nonce_used = false;
  actors::actor_error erase_error = actors::actor_error::none;
  std::string erased_by;
  bool silent = false; ///< the registry does not answer
  std::vector<actors::call_facts> admitted;
  std::vector<actors::stream_claim> claimed;
  std::vector<actors::status_callback> callbacks;
  uint32_t grant_line = 1;
};

struct handed_over {
  uint32_t line = 0;
  bool on_its_line = false;
  detached_websocket_ptr socket;
  actors::stream_grant grant;
  actors::stream_start start;
};

/// An answer as read from the wire.
struct reply {
  int status = 0;
  std::map<std::string, std::string> headers; ///< names in lower case
  std::string body;
  std::string header(const std::string& name) const;
  std::string code() const; ///< of the error shape
};

/// A blocking client on one connection. Every wait ends after five seconds.
class client {
public:
  /// @param receive_bytes of the socket's buffer, for a client that shall be slow; 0 = the
  /// system's.
  explicit client(uint16_t port, int receive_bytes = 0);
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  bool connected() const { return fd_ >= 0; }
  void send(std::string_view bytes);
  /// Reads a whole answer. @param head_only there is no body, whatever the headers say.
  reply read_reply(bool head_only = false);
  reply ask(const std::string& request_line, const std::string& headers = {},
            const std::string& body = {});
  /// Reads until `mark` was seen; everything read since the last call, or what came before the end.
  std::string read_until(std::string_view mark);
  std::string read_bytes(size_t count);
  /// Whether the server has closed (waits for it).
  bool closed();
  /// A masked text frame (RFC 6455 section 5.3), and the next frame's payload with its opcode.
  void send_text_frame(std::string_view text);
  std::string read_frame(int& opcode);

private:
  bool fill();
  int fd_ = -1;
  std::string buffer_;
};

struct running_server {
  explicit running_server(std::function<void(conf::config&)> configure = nullptr);
  ~running_server();
  void stop();

  uint16_t port() const { return served->port(); }
  reply get(const std::string& target, const std::string& headers = {});
  reply post(const std::string& target, const std::string& type, const std::string& body,
             const std::string& headers = {});
  /// Runs on the http thread and waits.
  void on_http_line(const std::function<void()>& work);
  handed_over await_stream();

  std::string folder; ///< of the recordings; removed at the end
  conf::config config;
  std::shared_ptr<fakes> fake = std::make_shared<fakes>();
  actors::node_state_ptr state = std::make_shared<actors::node_state>();
  caf::actor_system_config caf_config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<actors::line> http_line;
  std::vector<std::unique_ptr<actors::line>> media_lines;
  actors::event_feed_actor feed;
  std::vector<caf::actor> others;
  std::unique_ptr<server> served;

private:
  std::shared_ptr<struct stream_box> box_;
  bool stopped_ = false;
};

storage::call_details sample_call(const std::string& id);

} // namespace switchboard::http::testing
