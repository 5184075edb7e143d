#include "http/sse_hub.hpp"

#include "conf/defaults/http.hpp"
#include "conf/log.hpp"

#include <algorithm>
#include <charconv>

namespace switchboard::http {

namespace limits = defaults::http;

/// One connected dashboard. While a write is on its way, what comes waits in `queue`.
struct sse_hub::client {
  std::shared_ptr<response_stream> stream;
  std::vector<part> queue;
  size_t queued_bytes = 0;
  bool writing = false;
  bool gone = false;
  actors::monotonic wrote_at;
  std::list<client_ptr>::iterator place;
};

sse_hub::sse_hub(std::string boot, link_source links, actors::node_state_ptr state)
    : boot_(std::move(boot)),
      links_(std::move(links)),
      state_(std::move(state)),
      now_(std::chrono::steady_clock::now()) {
  hello_ = std::make_shared<const std::string>(
      "retry: " + std::to_string(limits::sse_retry_ms) +
      "\n\n"
      "data: {\"type\":\"connected\",\"message\":\"Connected to status updates\"}\n\n");
}

void sse_hub::count() {
  state_->event_clients = static_cast<uint32_t>(clients_.size());
}

/// The sequence number in Last-Event-ID; 0 if there is none or it is another process's.
uint64_t sse_hub::last_seen(const http_request& request) const {
  auto id = request.header_or_empty("Last-Event-ID");
  if (id.size() <= boot_.size() + 1 || id.substr(0, boot_.size()) != boot_ ||
      id[boot_.size()] != '-')
    return 0;
  id.remove_prefix(boot_.size() + 1);
  uint64_t number = 0;
  auto [end, problem] = std::from_chars(id.data(), id.data() + id.size(), number);
  return problem == std::errc{} && end == id.data() + id.size() ? number : 0;
}

std::vector<sse_hub::part> sse_hub::greeting(const http_request& request) const {
  std::vector<part> parts{hello_};
  const auto seen = last_seen(request);
  for (auto& event : recent_)
    if (event.sequence > seen)
      parts.push_back(event.text);
  return parts;
}

void sse_hub::join(const exchange_ptr& x) {
  if (closed_ || clients_.size() >= limits::sse_clients_max)
    return x->answer(busy_response("BUSY", "Too many clients"));
  http_response head;
  head.set("Content-Type", "text/event-stream");
  head.set("Cache-Control", "no-cache");
  head.set("X-Accel-Buffering", "no"); // nginx must pass events on as they come
  if (x->is_head())
    return x->answer(std::move(head));
  auto joined = std::make_shared<client>();
  joined->stream = x->stream(std::move(head));
  if (joined->stream == nullptr)
    return;
  joined->place = clients_.insert(clients_.end(), joined);
  count();
  joined->wrote_at = now_;
  joined->stream->on_closed([this, who = std::weak_ptr<client>{joined}] {
    if (auto locked = who.lock())
      leave(locked);
  });
  joined->queue = greeting(x->request()); // however long: what it shares costs nothing
  flush(joined);
}

void sse_hub::publish(const actors::feed_event_ptr& event) {
  if (closed_)
    return;
  std::string text = "id: " + boot_ + "-" + std::to_string(event->sequence) + "\ndata: ";
  text += render_event(*event, links_());
  text += "\n\n";
  auto shared = std::make_shared<const std::string>(std::move(text));
  recent_.push_back({event->sequence, event->call_id, shared});
  if (recent_.size() > limits::sse_replay_max)
    recent_.pop_front();
  for (auto at = clients_.begin(); at != clients_.end();) {
    auto to = *at++; // push may remove it
    push(to, shared);
  }
}

void sse_hub::forget(const std::string& call_id) {
  const auto of_call = [&](const kept& update) { return update.call_id == call_id; };
  for (auto& update : recent_) {
    if (!of_call(update))
      continue;
    for (auto& who : clients_) {
      auto& queue = who->queue;
      const auto gone = std::remove(queue.begin(), queue.end(), update.text);
      who->queued_bytes -= update.text->size() * static_cast<size_t>(queue.end() - gone);
      queue.erase(gone, queue.end());
    }
  }
  recent_.erase(std::remove_if(recent_.begin(), recent_.end(), of_call), recent_.end());
}

void sse_hub::push(const client_ptr& to, const part& text) {
  if (to->gone)
    return;
  if (to->queued_bytes + text->size() > limits::sse_queue_bytes_max && to->writing) {
    ++state_->event_clients_dropped;
    log::warn("http", "event stream client reads too slowly, dropped");
    auto stream = to->stream;
    leave(to);
    return stream->abort();
  }
  to->queue.push_back(text);
  to->queued_bytes += text->size();
  flush(to);
}

void sse_hub::flush(const client_ptr& to) {
  if (to->writing || to->gone || to->queue.empty())
    return;
  to->writing = true;
  to->wrote_at = now_;
  auto parts = std::move(to->queue);
  to->queue.clear();
  to->queued_bytes = 0;
  to->stream->write(std::move(parts), [this, who = std::weak_ptr<client>{to}](bool ok) {
    auto locked = who.lock();
    if (!locked || locked->gone)
      return;
    locked->writing = false;
    if (ok)
      flush(locked);
    else
      leave(locked);
  });
}

void sse_hub::leave(const client_ptr& who) {
  if (who->gone)
    return;
  who->gone = true;
  who->queue.clear();
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
  auto keep = who; // the list may hold the last reference
  clients_.erase(keep->place);
  count();
}

void sse_hub::on_tick(actors::monotonic now) {
  now_ = now;
  for (auto at = clients_.begin(); at != clients_.end();) {
    auto to = *at++;
    if (!to->writing && now - to->wrote_at >= limits::sse_keepalive)
      push(to, keepalive_);
  }
}

void sse_hub::close() {
  closed_ = true;
  while (!clients_.empty()) {
    auto who = clients_.front();
    auto stream = who->stream;
    leave(who);
    stream->finish();
  }
}

} // namespace switchboard::http
