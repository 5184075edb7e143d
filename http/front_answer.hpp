#pragma once

// Internal to front.cpp and front_answer.cpp.

#include "http/exchange.hpp"
#include "http/restinio_traits.hpp"

#include <functional>
#include <memory>

namespace switchboard::http {

/// An answer in parts, which must know when its connection is gone.
class watched_stream {
public:
  virtual ~watched_stream() = default;
  virtual void connection_closed() = 0;
};

/// What answers need of the front.
class connection_watch {
public:
  virtual ~connection_watch() = default;
  virtual bool closing() const = 0;
  virtual void watch(restinio::connection_id_t id, std::weak_ptr<watched_stream> stream) = 0;
  virtual void kick(restinio::connection_id_t id) = 0; ///< closes the connection soon
  /// Its socket was taken over. @returns what counts it against its address.
  virtual std::shared_ptr<void> forget(restinio::connection_id_t id) = 0;
  virtual void vouch(restinio::connection_id_t id) = 0; ///< does not count against its address
  virtual void post(std::function<void()> work) = 0;
};

http_request read_request(const restinio::request_t& request);

std::unique_ptr<exchange_sink> make_sink(std::weak_ptr<connection_watch> front,
                                         restinio::request_handle_t request);

/// Status line and headers of an answer, with the empty line at the end. Control characters in
/// header values are left out.
std::string render_head(const http_response& answer, bool keep_alive, bool chunked);

} // namespace switchboard::http
