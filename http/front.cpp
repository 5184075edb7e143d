#include "http/front.hpp"

#include "conf/defaults/http.hpp"
#include "conf/log.hpp"
#include "http/front_answer.hpp"
#include "http/listening.hpp"
#include "http/places.hpp"
#include "http/policy.hpp"
#include "http/restinio_traits.hpp"

#include <sys/socket.h>

#include <unordered_map>

namespace switchboard::http {

namespace {

namespace limits = defaults::http;
using tcp = asio::ip::tcp;

class restinio_front;

// RESTinio's interface has no virtual destructor; nothing is destroyed through it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"

/// Counts connections with RESTinio's limiter. Owned by the connections' settings (through the
/// request handler), since every connection gives its count back when it is destroyed.
struct accept_gate final : restinio::connection_count_limits::impl::acceptor_callback_iface_t {
  explicit accept_gate(size_t connections_max)
      : limiter(as_callback(),
                restinio::connection_count_limits::max_parallel_connections_t{connections_max},
                restinio::connection_count_limits::max_active_accepts_t{1}) {}
  void call_accept_now(std::size_t) noexcept override;
  void schedule_next_accept_attempt(std::size_t) noexcept override;
  restinio::connection_count_limits::impl::acceptor_callback_iface_t* as_callback() { return this; }

  std::weak_ptr<restinio_front> owner;
  connection_limiter limiter;
};

#pragma GCC diagnostic pop

class restinio_front final : public front, public connection_watch {
public:
  restinio_front(asio::io_context& io, settings s, request_handler handle)
      : io_(io),
        settings_(std::move(s)),
        handle_(std::move(handle)),
        addresses_(settings_.connections_per_address_max),
        acceptor_(io),
        retry_(io),
        incoming_(io) {}

  void prepare();
  bool listen(std::string& problem) override;
  uint16_t port() const override { return port_; }
  void start() override;
  void stop_accepting() override;
  void close() override;
  size_t connections() const override { return open_.size(); }

  void arm_accept();
  void next_accept();
  void on_request(const restinio::request_handle_t& request);
  void on_state(const restinio::connection_state::notice_t& notice) noexcept;

  // -- of the answers --
  bool closing() const override { return closing_; }
  void watch(restinio::connection_id_t id, std::weak_ptr<watched_stream> stream) override;
  void kick(restinio::connection_id_t id) override;
  std::shared_ptr<void> forget(restinio::connection_id_t id) override;
  void vouch(restinio::connection_id_t id) override;
  void post(std::function<void()> work) override { asio::post(io_, std::move(work)); }

private:
  struct entry {
    std::weak_ptr<http_connection> connection;
    int native_handle = -1; ///< valid while the connection lives and was not taken over
    places::place address;  ///< empty once somebody vouched for it
    std::vector<std::weak_ptr<watched_stream>> streams;
  };

  void on_accept(const std::error_code& failed);
  void begin(tcp::socket socket);
  void retry_later();
  void reopen();
  void tell(bool listening);

  asio::io_context& io_;
  settings settings_;
  request_handler handle_;
  places addresses_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  tcp::socket incoming_;
  tcp::endpoint endpoint_;
  std::shared_ptr<accept_gate> gate_;
  std::shared_ptr<connection_factory> factory_;
  std::unordered_map<restinio::connection_id_t, entry> open_;
  uint16_t port_ = 0;
  bool accepting_ = false;
  bool closing_ = false;
  bool listening_ = false;
};

void accept_gate::call_accept_now(std::size_t) noexcept {
  if (auto front = owner.lock())
    front->arm_accept();
}

void accept_gate::schedule_next_accept_attempt(std::size_t) noexcept {
  if (auto front = owner.lock())
    front->post([front] { front->next_accept(); });
}

// -- set-up
// ------------------------------------------------------------------------------------------

void restinio_front::prepare() {
  // http_parser's own bound is global and too small for URL and headers at their limits.
  http_parser_set_max_header_size(limits::parser_head_bytes_max);
  auto self = std::static_pointer_cast<restinio_front>(shared_from_this());
  gate_ = std::make_shared<accept_gate>(settings_.connections_max);
  gate_->owner = self;
  std::weak_ptr<restinio_front> weak = self;
  restinio::server_settings_t<front_traits> options;
  options
      .request_handler([weak, keep = gate_](const restinio::request_handle_t& request) {
        if (auto here = weak.lock())
          here->on_request(request);
        return restinio::request_accepted();
      })
      .connection_state_listener(std::make_shared<state_listener>(
          [weak](const restinio::connection_state::notice_t& notice) noexcept {
            if (auto here = weak.lock())
              here->on_state(notice);
          }))
      .max_pipelined_requests(limits::pipelined_requests_max)
      .read_next_http_message_timelimit(settings_.read_deadline)
      .write_http_response_timelimit(limits::write_deadline)
      .handle_request_timeout(limits::answer_deadline)
      .incoming_http_msg_limits(restinio::incoming_http_msg_limits_t{}
                                    .max_url_size(limits::parser_field_bytes_max)
                                    .max_field_name_size(limits::parser_field_bytes_max)
                                    .max_field_value_size(limits::parser_field_bytes_max)
                                    .max_field_count(limits::parser_fields_max)
                                    .max_body_size(limits::parser_body_bytes_max))
      .socket_options_setter([](auto& socket) {
        socket.set_option(tcp::no_delay{true});
        socket.set_option(asio::socket_base::send_buffer_size{limits::send_buffer_bytes});
      });
  factory_ = make_factory(io_, std::move(options));
}

bool restinio_front::listen(std::string& problem) {
  auto host = settings_.host == "localhost" ? std::string{"127.0.0.1"} : settings_.host;
  std::error_code failed;
  auto address = asio::ip::make_address(host, failed);
  if (failed) {
    tcp::resolver resolver{io_};
    auto found = resolver.resolve(host, std::to_string(settings_.port), failed);
    if (!failed && !found.empty())
      address = found.begin()->endpoint().address();
  }
  const auto where = settings_.host + ":" + std::to_string(settings_.port);
  if (failed) {
    problem = "cannot listen on " + where + ": " + failed.message();
    return false;
  }
  std::string why;
  if (!open_listener(acceptor_, {address, settings_.port}, why)) {
    problem = "cannot listen on " + where + ": " + why;
    return false;
  }
  endpoint_ = acceptor_.local_endpoint(failed);
  port_ = endpoint_.port();
  return true;
}

// -- listening
// ---------------------------------------------------------------------------------------

void restinio_front::tell(bool listening) {
  if (listening == listening_)
    return;
  listening_ = listening;
  if (settings_.on_listening)
    settings_.on_listening(listening);
}

void restinio_front::start() {
  accepting_ = true;
  tell(true);
  next_accept();
}

void restinio_front::next_accept() {
  if (accepting_)
    gate_->limiter.accept_next(0);
}

void restinio_front::arm_accept() {
  acceptor_.async_accept(
      incoming_, [weak = std::weak_ptr<restinio_front>(std::static_pointer_cast<restinio_front>(
                      shared_from_this()))](const std::error_code& failed) {
        if (auto here = weak.lock())
          here->on_accept(failed);
      });
}

void restinio_front::on_accept(const std::error_code& failed) {
  if (!accepting_)
    return;
  if (!failed) {
    tell(true);
    begin(std::move(incoming_));
    return next_accept();
  }
  if (listening_)
    log::error("http", "accept failed", {{"what", failed.message()}});
  tell(false);
  if (!is_passing(failed)) {
    std::error_code ignored;
    acceptor_.close(ignored);
  }
  retry_later();
}

/// The limiter still counts the accept that failed: it is made again, not asked for anew.
void restinio_front::retry_later() {
  retry_.expires_after(limits::accept_retry);
  retry_.async_wait([weak = std::weak_ptr<restinio_front>(std::static_pointer_cast<restinio_front>(
                         shared_from_this()))](const std::error_code& cancelled) {
    auto here = weak.lock();
    if (cancelled || !here || !here->accepting_)
      return;
    if (here->acceptor_.is_open())
      return here->arm_accept();
    here->reopen();
  });
}

void restinio_front::reopen() {
  std::string problem;
  if (!open_listener(acceptor_, endpoint_, problem)) {
    log::error("http", "listener could not be reopened", {{"what", problem}});
    return retry_later();
  }
  log::warn("http", "listener reopened");
  tell(true);
  arm_accept();
}

void restinio_front::begin(tcp::socket socket) {
  std::error_code failed;
  auto peer = socket.remote_endpoint(failed);
  if (failed) { // gone already
    // The limiter takes the accept as done only by a connection's monitor.
    connection_monitor counted{&gate_->limiter};
    return;
  }
  auto place = addresses_.take(address_name(peer.address()));
  if (place == nullptr) {
    log::warn("http", "too many connections of one address, one refused",
              {{"peer", peer.address().to_string()}});
    connection_monitor counted{&gate_->limiter};
    return;
  }
  const int native_handle = socket.native_handle();
  try {
    auto connection = factory_->create_new_connection(std::move(socket), peer,
                                                      connection_monitor{&gate_->limiter});
    open_[connection->connection_id()] = {connection, native_handle, std::move(place), {}};
    connection->init();
  } catch (const std::exception& e) {
    log::error("http", "connection could not be set up", {{"what", e.what()}});
  }
}

void restinio_front::stop_accepting() {
  accepting_ = false;
  std::error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  tell(false);
}

void restinio_front::close() {
  stop_accepting();
  closing_ = true;
  std::vector<restinio::connection_id_t> ids;
  for (auto& [id, one] : open_)
    ids.push_back(id);
  for (auto id : ids)
    kick(id);
  factory_.reset();
}

// -- connections
// -------------------------------------------------------------------------------------

void restinio_front::on_state(const restinio::connection_state::notice_t& notice) noexcept {
  auto cause = notice.cause();
  if (!restinio::holds_alternative<restinio::connection_state::closed_t>(cause))
    return;
  auto found = open_.find(notice.connection_id());
  if (found == open_.end())
    return;
  auto streams = std::move(found->second.streams);
  open_.erase(found);
  for (auto& stream : streams)
    if (auto here = stream.lock())
      here->connection_closed();
}

std::shared_ptr<void> restinio_front::forget(restinio::connection_id_t id) {
  auto found = open_.find(id);
  if (found == open_.end())
    return nullptr;
  auto address = std::move(found->second.address);
  open_.erase(found);
  return address;
}

void restinio_front::vouch(restinio::connection_id_t id) {
  auto found = open_.find(id);
  if (found != open_.end())
    found->second.address = nullptr;
}

void restinio_front::watch(restinio::connection_id_t id, std::weak_ptr<watched_stream> stream) {
  auto found = open_.find(id);
  if (found != open_.end()) {
    found->second.streams.push_back(std::move(stream));
    return;
  }
  // Gone before the answer began.
  post([stream] {
    if (auto here = stream.lock())
      here->connection_closed();
  });
}

/// Shuts the socket down below RESTinio, whose pending operations then fail and close it. There is
/// no way from above: a write that the peer does not take keeps it waiting.
void restinio_front::kick(restinio::connection_id_t id) {
  auto found = open_.find(id);
  if (found != open_.end() && !found->second.connection.expired())
    ::shutdown(found->second.native_handle, SHUT_RDWR);
}

void restinio_front::on_request(const restinio::request_handle_t& request) {
  auto self = std::static_pointer_cast<restinio_front>(shared_from_this());
  try {
    auto given = read_request(*request);
    handle_(std::move(given), make_sink(std::weak_ptr<connection_watch>{self}, request));
  } catch (const std::exception& e) {
    log::error("http", "request handler failed", {{"what", e.what()}});
  }
}

} // namespace

std::shared_ptr<front> front::make(asio::io_context& io, settings s, request_handler handle) {
  auto made = std::make_shared<restinio_front>(io, std::move(s), std::move(handle));
  made->prepare();
  return made;
}

} // namespace switchboard::http
