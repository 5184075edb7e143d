#pragma once

#include "actors/messages.hpp"
#include "actors/node_state.hpp"
#include "actors/ticker.hpp"
#include "http/exchange.hpp"
#include "http/json_shapes.hpp"

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>

namespace switchboard::http {

/// Live updates for dashboards (WHATWG HTML, server-sent events). Every update is rendered once and
/// all clients share the text, the replayed ones too; each has a bounded queue and is dropped when
/// it does not keep up, so that none slows the others. Http thread only.
class sse_hub : public actors::tickable {
public:
  using link_source = std::function<link_maker()>;

  /// @param boot names this process in event ids, so that an id of an earlier one is not taken for
  ///        one of ours.
  /// @param state is told how many clients there are.
  sse_hub(std::string boot, link_source links, actors::node_state_ptr state);

  /// Answers with an event stream: the greeting, what the client has not seen of the last 100
  /// updates, then live ones.
  void join(const exchange_ptr& x);
  void publish(const actors::feed_event_ptr& event);
  /// A call was erased: its updates are replayed no more, nor sent to who has not taken them yet.
  void forget(const std::string& call_id);
  /// Keepalives.
  void on_tick(actors::monotonic now) override;
  /// Ends all streams.
  void close();
  size_t clients() const { return clients_.size(); }

private:
  struct client;
  using client_ptr = std::shared_ptr<client>;
  using part = response_stream::part;
  struct kept {
    uint64_t sequence;
    std::string call_id;
    part text;
  };

  std::vector<part> greeting(const http_request& request) const;
  uint64_t last_seen(const http_request& request) const;
  void push(const client_ptr& to, const part& text);
  void flush(const client_ptr& to);
  void leave(const client_ptr& who);
  void count();

  std::string boot_;
  link_source links_;
  actors::node_state_ptr state_;
  std::deque<kept> recent_;
  std::list<client_ptr> clients_;
  actors::monotonic now_;
  part hello_; ///< what every client gets first
  part keepalive_ = std::make_shared<const std::string>(": keepalive\n\n");
  bool closed_ = false;
};

} // namespace switchboard::http
