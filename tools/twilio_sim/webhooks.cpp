#include "tools/twilio_sim/webhooks.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <stdexcept>

namespace sim {

namespace {

constexpr std::chrono::milliseconds retry_pause{200};

/// A signature of the right form that cannot be right.
std::string spoilt(std::string signature) {
  signature[0] = signature[0] == 'A' ? 'B' : 'A';
  return signature;
}

} // namespace

webhooks::webhooks(boost::asio::io_context& io, const options& config)
    : io_{io},
      config_{config},
      tls_{std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_client)},
      voice_url_{config.url} {
  if (config.ca_file.empty()) {
    tls_->set_default_verify_paths();
  } else {
    tls_->load_verify_file(config.ca_file);
  }
  const auto local = parse_url(config.url);
  if (!local || (local->scheme != "http" && local->scheme != "https")) {
    throw std::runtime_error("--url must be an http or https URL");
  }
  local_ = *local;
  if (config.public_url.empty()) {
    return;
  }
  public_base_ = parse_url(config.public_url);
  if (!public_base_) {
    throw std::runtime_error("--public-url is no URL");
  }
  voice_url_ = public_base_->scheme + "://" + public_base_->authority() + local_.target;
}

std::optional<route> webhooks::route_of(const std::string& url) const {
  const auto parts = parse_url(url);
  if (!parts) {
    return {};
  }
  route out;
  out.authority = parts->authority();
  out.target = parts->target;
  out.signature_url = signed_url(url);
  if (public_base_ && same_origin(*parts, *public_base_)) {
    out.host = local_.host;
    out.port = local_.effective_port();
    out.tls = local_.secure() ? tls_ : nullptr;
    out.proxied = true;
  } else {
    out.host = parts->host;
    out.port = parts->effective_port();
    out.tls = parts->secure() ? tls_ : nullptr;
  }
  return out;
}

std::string webhooks::stream_signature(const route& to) const {
  auto signature = twilio_signature(config_.auth_token, to.signature_url, {});
  return config_.faults.bad_stream_signature ? spoilt(std::move(signature)) : signature;
}

void webhooks::request(const std::string& method, const std::string& url, const form_params& params,
                       std::function<void(http_answer)> done) {
  auto full_url = url.substr(0, url.find('#'));
  if (method == "GET" && !params.empty()) {
    full_url += (full_url.find('?') == std::string::npos ? "?" : "&") + form_encode(params);
  }
  const auto to = route_of(full_url);
  if (!to) {
    boost::asio::post(io_, [done = std::move(done)] {
      http_answer out;
      out.error = "cannot be reached: no URL";
      done(std::move(out));
    });
    return;
  }
  http_request out;
  out.method = method;
  out.host = to->host;
  out.port = to->port;
  out.authority = to->authority;
  out.target = to->target;
  out.tls = to->tls;
  const bool post = method == "POST";
  auto signature =
      twilio_signature(config_.auth_token, to->signature_url, post ? params : form_params{});
  if (config_.faults.bad_signature) {
    signature = spoilt(std::move(signature));
  }
  out.headers.emplace_back("X-Twilio-Signature", std::move(signature));
  if (to->proxied) {
    out.headers.emplace_back("X-Forwarded-Proto", public_base_->scheme);
    out.headers.emplace_back("X-Forwarded-Host", public_base_->authority());
  }
  if (post) {
    out.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
    out.body = form_encode(params);
  }
  send(std::move(out), std::chrono::steady_clock::now(), std::move(done));
}

/// Twilio, too, asks again when it finds nobody.
void webhooks::send(http_request out, std::chrono::steady_clock::time_point first_try,
                    std::function<void(http_answer)> done) {
  auto again = out;
  send_http(io_, std::move(out), [this, again, first_try, done](http_answer in) {
    const auto since = std::chrono::steady_clock::now() - first_try;
    if (in.status != 0 || since >= std::chrono::milliseconds{config_.retry_ms}) {
      done(std::move(in));
      return;
    }
    auto pause = std::make_shared<boost::asio::steady_timer>(io_, retry_pause);
    pause->async_wait([this, again, first_try, done, pause](boost::system::error_code) {
      send(again, first_try, done);
    });
  });
}

} // namespace sim
