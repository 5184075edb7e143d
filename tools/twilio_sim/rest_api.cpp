#include "tools/twilio_sim/rest_api.hpp"

#include "tools/sim_common/base64.hpp"
#include "tools/twilio_sim/call_parameters.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

namespace sim {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using json = nlohmann::ordered_json;
using request_type = http::request<http::string_body>;
using response_type = http::response<http::string_body>;

constexpr auto idle_timeout = std::chrono::seconds{30};
constexpr size_t inline_twiml_max = 4000; // characters; error 32018

struct api_answer {
  int status = 200;
  json body;
};

api_answer problem(int status, int code, const std::string& message) {
  return {status,
          {{"code", code},
           {"message", message},
           {"more_info", "https://www.twilio.com/docs/errors/" + std::to_string(code)},
           {"status", status}}};
}

json describe(const options& config, const call& x) {
  const auto uri = "/2010-04-01/Accounts/" + config.account_sid + "/Calls/" + x.sid() + ".json";
  return {{"sid", x.sid()},
          {"account_sid", config.account_sid},
          {"api_version", "2010-04-01"},
          {"date_updated", rfc2822_now()},
          {"direction", "inbound"},
          {"from", config.from},
          {"to", config.to},
          {"status", x.status()},
          {"answered_by", nullptr},
          {"parent_call_sid", nullptr},
          {"price", nullptr},
          {"price_unit", "USD"},
          {"uri", uri}};
}

/// The rules of the API, apart from sockets.
class rules {
public:
  rules(const options& config, rest_api::finder find) : config_{config}, find_{std::move(find)} {}

  api_answer answer(const request_type& request) const {
    const auto expected = "Basic " + encode_base64(config_.account_sid + ":" + config_.auth_token);
    if (request[http::field::authorization] != expected) {
      return problem(401, 20003, "Authenticate");
    }
    const std::string target{request.target()};
    const auto path = target.substr(0, target.find('?'));
    const auto prefix = "/2010-04-01/Accounts/" + config_.account_sid + "/Calls/";
    const std::string suffix = ".json";
    const bool fits = path.size() > prefix.size() + suffix.size() &&
                      path.compare(0, prefix.size(), prefix) == 0 &&
                      path.compare(path.size() - suffix.size(), suffix.size(), suffix) == 0;
    const auto sid =
        fits ? path.substr(prefix.size(), path.size() - prefix.size() - suffix.size()) : "";
    const auto found = fits ? find_(sid) : nullptr;
    if (!found) {
      return problem(404, 20404, "The requested resource " + path + " was not found");
    }
    if (request.method() == http::verb::get) {
      return {200, describe(config_, *found)};
    }
    if (request.method() != http::verb::post) {
      return problem(405, 20004, "Method not allowed");
    }
    return update(*found, form_decode(request.body()));
  }

private:
  api_answer update(call& x, const form_params& params) const {
    const auto* status = form_find(params, "Status");
    const auto* url = form_find(params, "Url");
    const auto* twiml = form_find(params, "Twiml");
    const auto* method = form_find(params, "Method");
    if (status != nullptr && *status != "completed" && *status != "canceled") {
      return problem(400, 20001, "Status is neither completed nor canceled");
    }
    if (status == nullptr && (url == nullptr) == (twiml == nullptr)) {
      return problem(400, 21200, "one of Status, Url and Twiml is required");
    }
    if (twiml != nullptr && twiml->size() > inline_twiml_max) {
      return problem(400, 32018, "Twiml is longer than 4000 characters");
    }
    if (x.ended()) {
      return problem(400, 21220, "Call is not in-progress. Cannot redirect.");
    }
    auto answer = api_answer{200, describe(config_, x)};
    if (status != nullptr) {
      if (*status == "completed" || x.status() == "ringing") {
        x.complete_by_rest();
        answer.body["status"] = "completed";
      }
    } else if (url != nullptr) {
      x.redirect_to_url(*url, method == nullptr ? "POST" : *method);
    } else {
      x.redirect_to_twiml(*twiml);
    }
    return answer;
  }

  const options& config_;
  rest_api::finder find_;
};

class session : public std::enable_shared_from_this<session> {
public:
  session(tcp::socket socket, std::shared_ptr<const rules> api)
      : stream_{std::move(socket)}, api_{std::move(api)} {}

  void read() {
    request_ = {};
    stream_.expires_after(idle_timeout);
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](error_code ec, size_t) {
                       if (!ec) {
                         self->write();
                       }
                     });
  }

private:
  void write() {
    const auto answer = api_->answer(request_);
    response_ = {};
    response_.version(11);
    response_.result(static_cast<unsigned>(answer.status));
    response_.set(http::field::content_type, "application/json");
    if (answer.status == 401) {
      response_.set(http::field::www_authenticate, "Basic realm=\"Twilio API\"");
    }
    response_.keep_alive(request_.keep_alive());
    response_.body() = answer.body.dump();
    response_.prepare_payload();
    http::async_write(stream_, response_, [self = shared_from_this()](error_code ec, size_t) {
      if (!ec && self->response_.keep_alive()) {
        self->read();
      }
    });
  }

  beast::tcp_stream stream_;
  std::shared_ptr<const rules> api_;
  beast::flat_buffer buffer_;
  request_type request_;
  response_type response_;
};

} // namespace

struct rest_api::impl : std::enable_shared_from_this<impl> {
  impl(asio::io_context& io, const options& config, uint16_t port, finder find)
      : acceptor{io, {asio::ip::address_v4::loopback(), port}},
        api{std::make_shared<rules>(config, std::move(find))} {}

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code ec, tcp::socket socket) {
      if (!self->acceptor.is_open()) {
        return;
      }
      if (!ec) {
        std::make_shared<session>(std::move(socket), self->api)->read();
      }
      self->accept();
    });
  }

  tcp::acceptor acceptor;
  std::shared_ptr<const rules> api;
};

rest_api::rest_api(asio::io_context& io, const options& config, uint16_t port, finder find)
    : impl_{std::make_shared<impl>(io, config, port, std::move(find))} {
  impl_->accept();
}

rest_api::~rest_api() {
  error_code ignored;
  impl_->acceptor.close(ignored);
}

uint16_t rest_api::port() const {
  return impl_->acceptor.local_endpoint().port();
}

} // namespace sim
