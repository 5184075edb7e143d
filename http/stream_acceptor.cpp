#include "http/stream_acceptor.hpp"

#include "actors/wall_clock.hpp"
#include "conf/defaults/http.hpp"
#include "http/twilio/stream_codec.hpp"
#include "http/twilio/ticket.hpp"

#include <unistd.h>

#include <algorithm>

namespace switchboard::http {

namespace {

namespace limits = defaults::http;
constexpr uint16_t policy_violation = 1008; // RFC 6455 section 7.4.1
constexpr uint16_t try_again_later = 1013;  // registered at IANA

std::string parameter(const actors::stream_start& start, std::string_view name) {
  for (auto& [key, value] : start.parameters)
    if (key == name)
      return value;
  return {};
}

websocket_limits stream_limits() {
  websocket_limits bounds;
  bounds.handshake_timeout = limits::start_timeout;
  bounds.first_message_timeout = limits::start_timeout;
  return bounds;
}

} // namespace

std::string request_head(const http_request& request) {
  std::string head = request.method + " " + request.target + " HTTP/1.1\r\n";
  for (auto& [name, value] : request.headers)
    head += name + ": " + value + "\r\n";
  return head += "\r\n";
}

/// One socket on its way from the upgrade to its line.
class stream_acceptor::session : public websocket_events,
                                 public actors::tickable,
                                 public std::enable_shared_from_this<session> {
public:
  session(stream_acceptor& owner, std::shared_ptr<void> counted)
      : owner_(owner), counted_(std::move(counted)) {}
  ~session() override { stop_clock(); }

  void open(int native_handle, const http_request& request) {
    auto& line = *owner_.services_.http_line;
    line.ticks().add(this);
    ticking_ = true;
    deadline_ = std::chrono::steady_clock::now() + limits::start_timeout;
    socket_ = websocket::accept(line.io(), line.ticks(), native_handle, request_head(request), {},
                                stream_limits(), this);
    peer_ = request.peer;
  }

  void on_open() override {}
  void on_binary(size_t) override { refuse(policy_violation, "text messages only"); }
  void on_read_end() override {}
  void on_text(std::string_view message) override;
  void on_closed(const actors::link_close& why) override;
  void on_tick(actors::monotonic now) override;

private:
  void on_start(actors::stream_start&& start);
  bool check_ticket(const actors::stream_start& start, actors::stream_claim& claim);
  void on_grant(actors::stream_grant&& grant, actors::stream_start start);
  void refuse(uint16_t code, const char* why);
  void stop_clock();
  void done();

  stream_acceptor& owner_;
  std::shared_ptr<void> counted_;
  std::unique_ptr<websocket> socket_;
  actors::monotonic deadline_;
  std::string peer_;
  size_t messages_ = 0;
  bool ticking_ = false;
  bool decided_ = false; ///< `start` was read, or the stream refused
};

void stream_acceptor::session::on_text(std::string_view message) {
  if (decided_)
    return;
  if (++messages_ > limits::stream_messages_before_start_max)
    return refuse(policy_violation, "start expected");
  twilio::stream_event event;
  if (twilio::parse_stream_message(message, event) != twilio::codec_error::none)
    return refuse(policy_violation, "message not understood");
  if (event.type == twilio::stream_event_type::start)
    on_start(std::move(event.start));
  else if (event.type != twilio::stream_event_type::connected &&
           event.type != twilio::stream_event_type::unknown)
    refuse(policy_violation, "start expected");
}

bool stream_acceptor::session::check_ticket(const actors::stream_start& start,
                                            actors::stream_claim& claim) {
  auto ticket = parameter(start, "ticket");
  if (ticket.empty() && !owner_.services_.config->twilio_validate_signature) {
    actors::call_facts facts;
    facts.call_sid = start.call_sid;
    facts.account_sid = start.account_sid;
    facts.from = parameter(start, "from");
    facts.to = parameter(start, "to");
    facts.direction = "inbound";
    claim.facts = std::move(facts);
    return true;
  }
  auto check = twilio::check_ticket(owner_.ticket_key_, ticket, start.call_sid,
                                    actors::wall_now_ms() / 1000);
  if (check.verdict != twilio::ticket_verdict::ok)
    log::warn("http", "stream refused",
              {{"call_sid", start.call_sid}, {"ticket", twilio::to_string(check.verdict)}});
  claim.nonce = std::move(check.nonce);
  return check.verdict == twilio::ticket_verdict::ok;
}

void stream_acceptor::session::on_start(actors::stream_start&& start) {
  actors::stream_claim claim;
  if (!check_ticket(start, claim))
    return refuse(policy_violation, "ticket refused");
  decided_ = true;
  socket_->pause(); // media follows at once; it is the line's to read
  claim.start = start;
  // Neither callback keeps the session: should the socket go meanwhile, the grant runs out.
  std::weak_ptr<session> self = shared_from_this();
  owner_.gate_->ask<actors::stream_grant>(
      owner_.services_.registry, limits::claim_timeout,
      [self, start](actors::stream_grant&& grant) {
        if (auto here = self.lock())
          here->on_grant(std::move(grant), start);
      },
      [self](const caf::error& why) {
        auto here = self.lock();
        if (!here)
          return;
        log::warn("http", "stream refused", {{"why", caf::to_string(why)}});
        const bool ticket = why == actors::actor_error::bad_ticket;
        here->refuse(ticket ? policy_violation : try_again_later,
                     ticket ? "ticket refused" : "no room for this stream");
      },
      atom::claim_v, std::move(claim));
}

void stream_acceptor::session::on_grant(actors::stream_grant&& grant, actors::stream_start start) {
  if (socket_ == nullptr || grant.line >= owner_.services_.lines.size())
    return refuse(try_again_later, "no line for this stream");
  stop_clock();
  socket_->detach([self = shared_from_this(), grant = std::move(grant),
                   start = std::move(start)](detached_websocket_ptr socket) mutable {
    auto& services = self->owner_.services_;
    auto* line = services.lines[grant.line];
    // std::function must be copyable; the box carries what is not.
    auto box = std::make_shared<detached_websocket_ptr>(std::move(socket));
    line->post([take = services.on_stream, box, grant, start] {
      take(grant.line, std::move(*box), grant, start);
    });
    self->done();
  });
}

void stream_acceptor::session::refuse(uint16_t code, const char* why) {
  decided_ = true;
  if (socket_ != nullptr)
    socket_->close(code, why); // on_closed follows
}

void stream_acceptor::session::on_closed(const actors::link_close& why) {
  log::debug("http", "stream socket closed before its line",
             {{"peer", peer_}, {"end", actors::to_string(why.end)}, {"detail", why.detail}});
  done();
}

/// The first message has its own deadline; this one is for `start` and the registry's answer.
void stream_acceptor::session::on_tick(actors::monotonic now) {
  if (now < deadline_)
    return;
  stop_clock();
  log::warn("http", "no start message in time", {{"peer", peer_}});
  refuse(policy_violation, "start timeout");
}

void stream_acceptor::session::stop_clock() {
  if (ticking_)
    owner_.services_.http_line->ticks().remove(this);
  ticking_ = false;
}

void stream_acceptor::session::done() {
  stop_clock();
  auto keep = shared_from_this();
  socket_.reset();
  counted_.reset();
  owner_.remove(this);
}

stream_acceptor::stream_acceptor(const http_services& services, gateway* gate,
                                 std::string ticket_key)
    : services_(services), gate_(gate), ticket_key_(std::move(ticket_key)) {
  if (services_.http_line != nullptr) // not when the first stream comes: it might fail then
    websocket::prepare(services_.http_line->io());
}

stream_acceptor::~stream_acceptor() = default;

void stream_acceptor::accept(const exchange_ptr& x) {
  if (closed_ || sessions_.size() >= limits::pending_streams_max)
    return x->answer(busy_response("BUSY", "Too many streams are being opened"));
  auto taken = x->take_socket();
  if (!taken)
    return x->answer(internal_error());
  auto opened = std::make_shared<session>(*this, std::move(taken->keep_alive));
  sessions_.push_back(opened);
  opened->open(taken->native_handle, x->request());
}

void stream_acceptor::remove(session* done) {
  sessions_.remove_if([done](const auto& one) { return one.get() == done; });
}

void stream_acceptor::close() {
  closed_ = true;
  sessions_.clear();
}

} // namespace switchboard::http
