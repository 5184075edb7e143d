#include "tools/openai_sim/connection.hpp"

#include "tools/openai_sim/handshake.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

namespace sim::openai {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// 15 MiB of audio as base64, and its JSON.
constexpr size_t longest_message = 24 * 1024 * 1024;
/// Longer ones (audio, nonsense) are not logged.
constexpr size_t longest_logged_message = 64 * 1024;
/// A client that does not read for so long is dropped.
constexpr size_t most_waiting_bytes = 64 * 1024 * 1024;
constexpr auto ping_interval = std::chrono::seconds(20);
constexpr auto close_timeout = std::chrono::seconds(5);
constexpr auto upgrade_timeout = std::chrono::seconds(30);

using plain_stream = beast::tcp_stream;
using tls_stream = beast::ssl_stream<beast::tcp_stream>;

/// One frame to send, or the close.
struct frame {
  enum class kind { text, binary, close };
  kind what = kind::text;
  std::string payload; ///< Or the close reason.
  int code = 0;
  clock::time_point due;
};

template <class Stream>
class connection : public std::enable_shared_from_this<connection<Stream>> {
public:
  template <class... Args>
  connection(int number, const options& chosen, records& kept, Args&&... stream)
      : number_(number),
        options_(chosen),
        records_(kept),
        ws_(std::forward<Args>(stream)...),
        session_timer_(ws_.get_executor()),
        write_timer_(ws_.get_executor()),
        ping_timer_(ws_.get_executor()) {}

  void start() {
    lowest().socket().set_option(asio::ip::tcp::no_delay(true));
    lowest().expires_after(upgrade_timeout);
    if constexpr (std::is_same_v<Stream, tls_stream>)
      ws_.next_layer().async_handshake(asio::ssl::stream_base::server,
                                       bound([](connection& me) { me.read_request(); }));
    else
      read_request();
  }

private:
  beast::tcp_stream& lowest() { return beast::get_lowest_layer(ws_); }

  /// A completion handler that keeps the connection alive and ends it on an error.
  template <class Step>
  auto bound(Step step) {
    return [self = this->shared_from_this(), step](error_code error, auto&&...) {
      if (error)
        self->end("client", error.message());
      else if (!self->ended_)
        step(*self);
    };
  }

  /// The same for timers: a cancelled one is no event.
  template <class Step>
  void wait(asio::steady_timer& timer, clock::duration delay, Step step) {
    timer.expires_after(delay);
    timer.async_wait([self = this->shared_from_this(), step](error_code error) {
      if (!error && !self->ended_)
        step(*self);
    });
  }

  // ------------------------------------------------------------------ upgrade

  void read_request() {
    http::async_read(ws_.next_layer(), buffer_, request_,
                     bound([](connection& me) { me.judge(); }));
  }

  void judge() {
    upgrade_request seen;
    seen.target = std::string(request_.target());
    seen.authorization = std::string(request_[http::field::authorization]);
    seen.api_key = std::string(request_["api-key"]);
    seen.beta_header = request_.find("OpenAI-Beta") != request_.end();
    seen.upgrade = websocket::is_upgrade(request_);
    auto verdict = judge_upgrade(seen, options_);
    if (const auto forced = fault_for(options_.faults.http_status, number_))
      verdict.http_status = static_cast<int>(forced->value);
    records_.note(number_, "upgrade " + seen.target.substr(0, seen.target.find('?')) + ": " +
                               std::to_string(verdict.http_status));
    if (verdict.http_status != 101)
      refuse_upgrade(verdict.http_status);
    else
      accept(std::move(verdict));
  }

  void refuse_upgrade(int status) {
    auto response = std::make_shared<http::response<http::string_body>>();
    response->version(11);
    response->result(static_cast<unsigned>(status));
    response->set(http::field::content_type, "application/json");
    response->keep_alive(false);
    response->body() = R"({"error":{"message":"Upgrade refused by the simulator."}})";
    response->prepare_payload();
    http::async_write(ws_.next_layer(), *response, bound([response, status](connection& me) {
                        me.end("simulator", "HTTP " + std::to_string(status));
                      }));
  }

  void accept(verdict decided) {
    lowest().expires_never();
    websocket::stream_base::timeout limits{close_timeout, websocket::stream_base::none(), false};
    ws_.set_option(limits);
    ws_.read_message_max(longest_message);
    ws_.auto_fragment(false);
    ws_.control_callback([this](websocket::frame_type kind, beast::string_view) {
      if (kind == websocket::frame_type::pong)
        ponged_ = true;
    });
    ws_.async_accept(request_, bound([decided](connection& me) { me.begin(decided); }));
  }

  void begin(const verdict& decided) {
    started_ = clock::now();
    if (decided.refused) {
      const auto& problem = decided.refused->error;
      wire out(number_);
      out.send_error(problem, "");
      out.close(decided.refused->close_code, decided.refused->close_reason());
      for (auto& each : out.take())
        queue(std::move(each));
    } else {
      auto settings = options_.session;
      settings.number = number_;
      settings.model = decided.model;
      settings.epoch_s = std::chrono::duration_cast<std::chrono::seconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
      settings.out_of_quota = any_meets(options_.faults.quota, number_);
      session_.emplace(settings, options_.lines);
      records_.open(number_, [this] { return report(json()); });
    }
    read();
    ping();
    pump();
  }

  // ------------------------------------------------------------------ session

  int64_t now_ms() const {
    return std::chrono::duration_cast<milliseconds>(clock::now() - started_).count();
  }

  void read() {
    if (stalled_)
      return;
    ws_.async_read(buffer_, [self = this->shared_from_this()](error_code error, size_t) {
      if (error)
        self->read_failed(error);
      else if (!self->ended_)
        self->heard_message();
    });
  }

  void read_failed(const error_code& error) {
    if (error == websocket::error::closed)
      end(closing_ ? "simulator" : "client", std::string(ws_.reason().reason.c_str()),
          static_cast<int>(ws_.reason().code));
    else
      end(closing_ ? "simulator" : "client", error.message());
  }

  void heard_message() {
    const std::string message = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    if (session_ && !session_->closed()) {
      if (ws_.got_text()) {
        if (!options_.log_file.empty() && message.size() < longest_logged_message)
          records_.log(number_, "in", json::parse(message, nullptr, false));
        session_->feed_text(message, now_ms());
      } else {
        session_->feed_binary(now_ms());
      }
      pump();
    }
    read();
  }

  /// Sends what the session wants sent, and comes back when it next wants something.
  void pump() {
    if (!session_ || ended_)
      return;
    session_->advance(now_ms());
    for (auto& each : session_->take())
      queue(std::move(each));
    const auto due = session_->next_due_ms();
    if (due && !session_->closed())
      wait(session_timer_, milliseconds(std::max<int64_t>(0, *due - now_ms())),
           [](connection& me) { me.pump(); });
  }

  void queue(output each) {
    frame next;
    const auto slow = fault_for(options_.faults.slow, number_);
    next.due = clock::now() + milliseconds(slow ? static_cast<int64_t>(slow->value) : 0);
    if (each.what == output::kind::close) {
      next.what = frame::kind::close;
      next.code = each.close_code;
      next.payload = each.close_reason;
    } else {
      records_.log(number_, "out", each.event);
      if (each.event["type"] == "session.updated" && !updated_)
        arm_faults();
      next.payload = each.event.dump(-1, ' ', false, json::error_handler_t::replace);
    }
    push(std::move(next));
  }

  void push(frame next) {
    waiting_bytes_ += next.payload.size();
    frames_.push_back(std::move(next));
    if (waiting_bytes_ > most_waiting_bytes && !stalled_)
      end("simulator", "client does not read");
    else
      write();
  }

  void write() {
    if (writing_ || stalled_ || ended_ || frames_.empty())
      return;
    const auto delay = frames_.front().due - clock::now();
    if (delay > clock::duration::zero()) {
      wait(write_timer_, delay, [](connection& me) { me.write(); });
      return;
    }
    writing_ = true;
    current_ = std::move(frames_.front());
    frames_.pop_front();
    waiting_bytes_ -= current_.payload.size();
    const auto done = bound([](connection& me) {
      me.writing_ = false;
      me.write();
    });
    if (current_.what == frame::kind::close) {
      closing_ = true;
      websocket::close_reason reason(static_cast<websocket::close_code>(current_.code));
      reason.reason.assign(current_.payload.substr(0, 120)); // a control frame holds 123 bytes
      ws_.async_close(reason, [self = this->shared_from_this(), reason](error_code) {
        self->end("simulator", std::string(reason.reason.c_str()), reason.code);
      });
      return;
    }
    ws_.text(current_.what == frame::kind::text);
    ws_.async_write(asio::buffer(current_.payload), done);
  }

  void ping() {
    wait(ping_timer_, ping_interval, [](connection& me) {
      if (!me.ponged_ && !me.stalled_) {
        me.end("simulator", "no pong");
        return;
      }
      me.ponged_ = false;
      if (!me.stalled_ && !me.closing_)
        me.ws_.async_ping({}, me.bound([](connection&) {}));
      me.ping();
    });
  }

  // ------------------------------------------------------------------ faults

  void arm_faults() {
    updated_ = true;
    const auto arm = [this](const std::vector<fault>& faults, auto strike) {
      const auto found = fault_for(faults, number_);
      if (!found)
        return;
      auto timer = std::make_shared<asio::steady_timer>(ws_.get_executor());
      wait(*timer, milliseconds(static_cast<int64_t>(found->value * 1000)),
           [timer, strike, hit = *found](connection& me) { strike(me, hit); });
    };
    arm(options_.faults.drop_after,
        [](connection& me, const fault&) { me.end("simulator", "dropped"); });
    arm(options_.faults.stall, [](connection& me, const fault&) {
      me.records_.note(me.number_, "stalls");
      me.stalled_ = true;
    });
    arm(options_.faults.garbage, [](connection& me, const fault&) {
      me.push(
          {frame::kind::text, "{\"type\":\"response.output_audio.delta\",[[[", 0, clock::now()});
      me.push({frame::kind::binary, std::string("\x00\xff\xfe garbage", 11), 0, clock::now()});
    });
    arm(options_.faults.close_after, [](connection& me, const fault& hit) {
      me.push({frame::kind::close, "closed by a fault switch", hit.code, clock::now()});
    });
  }

  // ------------------------------------------------------------------ end

  json report(json close) const {
    json out = session_ ? session_->report() : json{{"session", number_}};
    out["close"] = std::move(close);
    return out;
  }

  /// Ends the connection once; later errors of pending operations find it ended.
  void end(const char* by, const std::string& reason, int code = 0) {
    if (ended_)
      return;
    ended_ = true;
    for (auto* timer : {&session_timer_, &write_timer_, &ping_timer_})
      timer->cancel();
    error_code ignored;
    lowest().socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    lowest().socket().close(ignored);
    static const samples nothing;
    records_.close(number_, report({{"by", by}, {"code", code}, {"reason", reason}}),
                   session_ ? session_->heard() : nothing);
  }

  const int number_;
  const options& options_;
  records& records_;
  websocket::stream<Stream> ws_;
  asio::steady_timer session_timer_;
  asio::steady_timer write_timer_;
  asio::steady_timer ping_timer_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  std::optional<session> session_;
  clock::time_point started_;
  std::deque<frame> frames_;
  frame current_; ///< Being written.
  size_t waiting_bytes_ = 0;
  bool writing_ = false;
  bool closing_ = false;
  bool stalled_ = false;
  bool updated_ = false;
  bool ponged_ = true;
  bool ended_ = false;
};

} // namespace

void serve(asio::ip::tcp::socket socket, asio::ssl::context* tls, int number, const options& chosen,
           records& kept) {
  if (tls == nullptr)
    std::make_shared<connection<plain_stream>>(number, chosen, kept, std::move(socket))->start();
  else
    std::make_shared<connection<tls_stream>>(number, chosen, kept, std::move(socket), *tls)
        ->start();
}

} // namespace sim::openai
