#include "http/exchange.hpp"

#include "conf/log.hpp"

namespace switchboard::http {

exchange::exchange(http_request request, std::unique_ptr<exchange_sink> sink, finisher finish)
    : request_(std::move(request)), sink_(std::move(sink)), finish_(std::move(finish)) {}

exchange::~exchange() {
  if (answered_)
    return;
  try {
    answer(internal_error());
  } catch (const std::exception& e) {
    log::error("http", "no answer could be given", {{"what", e.what()}});
  }
}

void exchange::answer(http_response response) {
  if (answered_)
    return;
  answered_ = true;
  if (finish_)
    finish_(*this, response);
  sink_->answer(request_, std::move(response));
}

void exchange::fail(int status, std::string_view code, std::string_view message) {
  answer(error_response(status, code, message));
}

std::shared_ptr<response_stream> exchange::stream(http_response head) {
  if (answered_)
    return nullptr;
  answered_ = true;
  if (finish_)
    finish_(*this, head);
  return sink_->stream(request_, std::move(head));
}

void exchange::vouch() {
  if (!answered_)
    sink_->vouch();
}

std::optional<taken_socket> exchange::take_socket() {
  if (answered_)
    return std::nullopt;
  auto socket = sink_->take_socket();
  answered_ = socket.has_value();
  return socket;
}

} // namespace switchboard::http
