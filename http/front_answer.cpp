#include "http/front_answer.hpp"

#include "conf/defaults/http.hpp"
#include "http/policy.hpp"
#include "http/wall_time.hpp"

#include <ctime>

namespace switchboard::http {

namespace {

using restinio::response_connection_attr_t;
using restinio::response_output_flags_t;
using restinio::response_parts_attr_t;

/// The Date header's value, made once a second.
const std::string& date_now() {
  thread_local std::time_t made_at = 0;
  thread_local std::string text;
  auto now = std::time(nullptr);
  if (now != made_at) {
    made_at = now;
    text = http_date(now);
  }
  return text;
}

bool has_body(int status) {
  return status != 204 && status != 304;
}

std::string hex(size_t value) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), digits[value & 15]);
    value >>= 4;
  } while (value != 0);
  return text;
}

/// The connection of a request and what its answer needs to know of it.
struct answer_path {
  std::weak_ptr<connection_watch> front;
  restinio::impl::connection_handle_t connection;
  restinio::connection_id_t connection_id;
  restinio::request_id_t request_id;
  bool keep_alive;

  void send(restinio::writable_items_container_t items, bool last,
            restinio::write_status_cb_t done = {}) const {
    restinio::write_group_t group{std::move(items)};
    if (done)
      group.after_write_notificator(std::move(done));
    connection->write_response_parts(
        request_id,
        response_output_flags_t{last ? response_parts_attr_t::final_parts
                                     : response_parts_attr_t::not_final_parts,
                                restinio::response_connection_attr(keep_alive)},
        std::move(group));
  }
};

class front_stream final : public response_stream,
                           public watched_stream,
                           public std::enable_shared_from_this<front_stream> {
public:
  front_stream(answer_path path, std::string head, bool chunked)
      : path_(std::move(path)), head_(std::move(head)), chunked_(chunked) {}
  ~front_stream() override {
    if (!finished_)
      abort();
  }

  void write(std::vector<part> parts, std::function<void(bool)> done) override;
  void finish() override;
  void abort() override;
  void on_closed(std::function<void()> told) override { on_closed_ = std::move(told); }
  void connection_closed() override;

private:
  void put_head(restinio::writable_items_container_t& items);

  answer_path path_;
  std::string head_; ///< goes out with the first part
  std::function<void()> on_closed_;
  bool chunked_;
  bool finished_ = false;
  bool closed_ = false;
};

void front_stream::put_head(restinio::writable_items_container_t& items) {
  if (!head_.empty())
    items.emplace_back(std::move(head_));
  head_.clear();
}

void front_stream::write(std::vector<part> parts, std::function<void(bool)> done) {
  auto front = path_.front.lock();
  if (!front || finished_ || closed_) {
    if (front)
      front->post([done = std::move(done)] { done(false); });
    return;
  }
  restinio::writable_items_container_t items;
  put_head(items);
  size_t bytes = 0;
  for (auto& one : parts)
    bytes += one->size();
  if (chunked_ && bytes > 0)
    items.emplace_back(hex(bytes) + "\r\n");
  for (auto& one : parts)
    if (!one->empty())
      items.emplace_back(std::move(one));
  if (chunked_ && bytes > 0)
    items.emplace_back(std::string{"\r\n"});
  // From the loop: RESTinio tells us in the middle of its own work on the connection.
  path_.send(std::move(items), false,
             [weak = path_.front, done = std::move(done)](const asio::error_code& failed) {
               if (auto here = weak.lock())
                 here->post([weak, done, ok = !failed] {
                   auto still = weak.lock();
                   done(ok && still && !still->closing());
                 });
             });
}

void front_stream::finish() {
  if (finished_)
    return;
  finished_ = true;
  restinio::writable_items_container_t items;
  put_head(items);
  if (chunked_)
    items.emplace_back(std::string{"0\r\n\r\n"});
  if (!closed_ && !path_.front.expired())
    path_.send(std::move(items), true);
}

void front_stream::abort() {
  finished_ = true;
  if (auto front = path_.front.lock())
    front->kick(path_.connection_id);
}

void front_stream::connection_closed() {
  closed_ = true;
  auto told = std::move(on_closed_);
  on_closed_ = nullptr;
  if (told)
    told();
}

class front_sink final : public exchange_sink {
public:
  front_sink(std::weak_ptr<connection_watch> front, restinio::request_handle_t request)
      : front_(std::move(front)), request_(std::move(request)) {}

  void answer(const http_request& asked, http_response&& answer) override {
    auto front = front_.lock();
    if (!front || front->closing())
      return;
    auto path = take_path(asked);
    restinio::writable_items_container_t items;
    items.emplace_back(render_head(answer, path.keep_alive, false));
    if (!answer.body.empty() && has_body(answer.status))
      items.emplace_back(std::move(answer.body));
    path.send(std::move(items), true);
  }

  std::shared_ptr<response_stream> stream(const http_request& asked,
                                          http_response&& head) override {
    const bool chunked = !head.content_length && !asked.http_1_0;
    auto path = take_path(asked);
    if (!head.content_length && !chunked)
      path.keep_alive = false; // the end of the connection is the end of the body
    auto text = render_head(head, path.keep_alive, chunked);
    auto made = std::make_shared<front_stream>(path, std::move(text), chunked);
    if (auto front = front_.lock())
      front->watch(path.connection_id, made);
    return made;
  }

  std::optional<taken_socket> take_socket() override;
  void vouch() override {
    if (auto front = front_.lock())
      front->vouch(request_->connection_id());
  }

private:
  answer_path take_path(const http_request& asked) {
    auto front = front_.lock();
    // After an answer to an upgrade request RESTinio goes on as if it had been taken over.
    const bool keep = asked.keep_alive && !asked.upgrade && front && !front->closing();
    return {front_, std::move(restinio::impl::access_req_connection(*request_)),
            request_->connection_id(), request_->request_id(), keep};
  }

  std::weak_ptr<connection_watch> front_;
  restinio::request_handle_t request_;
};

std::optional<taken_socket> front_sink::take_socket() {
  auto handle = std::move(restinio::impl::access_req_connection(*request_));
  auto* connection = dynamic_cast<http_connection*>(handle.get());
  if (connection == nullptr)
    return std::nullopt;
  auto inner = connection->move_upgrade_internals();
  std::shared_ptr<void> address;
  if (auto front = front_.lock())
    address = front->forget(request_->connection_id());
  std::error_code failed;
  int native_handle = inner.m_socket.release(failed);
  if (failed)
    return std::nullopt;
  // The settings own the limiter that the monitor reports to: members go in reverse order.
  struct counted {
    decltype(inner.m_settings) settings;
    decltype(inner.m_lifetime_monitor) monitor;
    std::shared_ptr<void> address;
  };
  auto keep = std::make_shared<counted>(counted{
      std::move(inner.m_settings), std::move(inner.m_lifetime_monitor), std::move(address)});
  return taken_socket{native_handle, std::move(keep)};
}

/// The status of a request that the parser refused; 0 = it did not.
int refused_status(int method) {
  switch (method) {
  case malformed:
    return 400;
  case url_too_long:
    return 414;
  case headers_too_large:
    return 431;
  case body_too_large:
    return 413;
  default:
    return 0;
  }
}

} // namespace

http_request read_request(const restinio::request_t& request) {
  http_request result;
  auto& head = request.header();
  result.received = std::chrono::steady_clock::now();
  result.method = head.method().c_str();
  result.refused = refused_status(head.method().raw_id());
  result.set_target(head.request_target());
  head.for_each_field(
      [&result](const auto& field) { result.headers.emplace_back(field.name(), field.value()); });
  // One byte over the limit is enough to answer 413.
  result.body = request.body().substr(0, defaults::http::body_bytes_max + 1);
  auto& peer = request.remote_endpoint();
  result.peer = peer.address().to_string() + ":" + std::to_string(peer.port());
  result.upgrade = head.connection() == restinio::http_connection_header_t::upgrade;
  result.keep_alive = head.connection() == restinio::http_connection_header_t::keep_alive;
  // RESTinio does not tell the version: whoever closes without saying so speaks 1.0.
  result.http_1_0 = !result.keep_alive && !result.upgrade && result.header("Connection") == nullptr;
  result.id = request_id(result);
  return result;
}

std::unique_ptr<exchange_sink> make_sink(std::weak_ptr<connection_watch> front,
                                         restinio::request_handle_t request) {
  return std::make_unique<front_sink>(std::move(front), std::move(request));
}

std::string render_head(const http_response& answer, bool keep_alive, bool chunked) {
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  head += reason_phrase(answer.status);
  head += keep_alive             ? "\r\nConnection: keep-alive\r\n"
          : answer.status == 426 ? "\r\nConnection: close, Upgrade\r\n" // RFC 9110 section 7.8
                                 : "\r\nConnection: close\r\n";
  head += "Date: " + date_now() + "\r\n";
  if (chunked)
    head += "Transfer-Encoding: chunked\r\n";
  else if (has_body(answer.status) &&
           (answer.content_length || find_header(answer.headers, "Content-Type") == nullptr ||
            *find_header(answer.headers, "Content-Type") != "text/event-stream"))
    head +=
        "Content-Length: " + std::to_string(answer.content_length.value_or(answer.body.size())) +
        "\r\n";
  for (auto& [name, value] : answer.headers) {
    head += name;
    head += ": ";
    for (char c : value)
      if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F)
        head += c;
    head += "\r\n";
  }
  return head += "\r\n";
}

} // namespace switchboard::http
