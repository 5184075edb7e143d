#pragma once

#include "http/message.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchboard::http {

/// A body that is sent in parts. All calls on the http thread. Dropping it without finish() breaks
/// the connection off, so that a client never takes a part for the whole.
class response_stream {
public:
  using part = std::shared_ptr<const std::string>;
  virtual ~response_stream() = default;
  /// Queues parts. `done` follows from the thread's loop when the socket has taken them all (true)
  /// or the connection is gone (false); never from inside this call.
  virtual void write(std::vector<part> parts, std::function<void(bool ok)> done) = 0;
  /// Nothing follows: the answer is complete.
  virtual void finish() = 0;
  /// Closes the connection at once.
  virtual void abort() = 0;
  /// Called once when the client is gone. Replaces an earlier one.
  virtual void on_closed(std::function<void()>) = 0;
};

/// A socket taken over from the HTTP server after its upgrade request.
struct taken_socket {
  int native_handle = -1;           ///< the taker's, to be closed
  std::shared_ptr<void> keep_alive; ///< counts the connection; release on the http thread when
                                    ///< its sender is known or it is gone
};

/// Where an answer goes; implemented by the server, and by tests.
class exchange_sink {
public:
  virtual ~exchange_sink() = default;
  virtual void answer(const http_request&, http_response&&) = 0;
  /// @param head its content_length is the body's length; without one the body ends with finish().
  virtual std::shared_ptr<response_stream> stream(const http_request&, http_response&& head) = 0;
  /// Only for an upgrade request, from inside its handler.
  virtual std::optional<taken_socket> take_socket() = 0;
  /// Somebody we know sent this request: its connection does not count against its address.
  virtual void vouch() {}
};

/// One request on its way to its answer. Shared by a handler and the callbacks that it waits for;
/// if all let go of it without an answer, the answer is 500. Http thread only.
class exchange {
public:
  /// Completes an answer before it goes out: what all answers have, and the access log.
  using finisher = std::function<void(const exchange&, http_response&)>;

  exchange(http_request request, std::unique_ptr<exchange_sink> sink, finisher finish = nullptr);
  ~exchange();
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  const http_request& request() const { return request_; }
  bool is_head() const { return request_.method == "HEAD"; }
  bool answered() const { return answered_; }

  /// Answers; what comes after the first answer is ignored.
  void answer(http_response);
  /// Answers with the one shape of errors.
  void fail(int status, std::string_view code, std::string_view message);
  /// Answers with a head whose body follows; nullptr if there was an answer already.
  std::shared_ptr<response_stream> stream(http_response head);
  /// Takes the socket of an upgrade request; there is no answer then.
  std::optional<taken_socket> take_socket();
  /// Tells the server that the sender is known by a token or a signature (see exchange_sink).
  void vouch();

  /// Whose token it was, for the log; empty = none.
  std::string user;
  /// The pattern of the route that the path matched; empty = none.
  std::string_view route;
  /// What the route's pattern matched, decoded.
  std::string path_id;
  /// Whether the request may change something: its answer goes to the audit log.
  bool audited = false;

private:
  http_request request_;
  std::unique_ptr<exchange_sink> sink_;
  finisher finish_;
  bool answered_ = false;
};
using exchange_ptr = std::shared_ptr<exchange>;

} // namespace switchboard::http
