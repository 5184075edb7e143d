#include "tools/loadgen/one_request.hpp"

#include <cstdlib>

namespace sim::load {

one_request::one_request(reactor& loop, std::string text, std::function<void(const answer&)> done)
    : loop_(loop), link_(loop, *this), text_(std::move(text)), done_(std::move(done)) {}

void one_request::send(reactor& loop, const std::string& host, uint16_t port, std::string text,
                       std::function<void(const answer&)> done) {
  auto made = std::make_shared<one_request>(loop, std::move(text), std::move(done));
  made->self_ = made;
  made->link_.connect(host, port);
}

void one_request::on_up() {
  link_.out() += text_;
  link_.flush();
}

void one_request::on_bytes(char* bytes, size_t count) {
  got_.append(bytes, count);
}

void one_request::on_down(const std::string& why) {
  answer result;
  const auto end = got_.find("\r\n\r\n");
  if (end == std::string::npos || got_.size() < 12) {
    result.body = why;
  } else {
    result.status = std::atoi(got_.c_str() + 9);
    result.body = got_.substr(end + 4);
  }
  auto keep = std::move(self_);
  done_(result);
  loop_.bury(keep);
}

void event_reader::on_up() {
  link_.out() += request_;
  link_.flush();
}

} // namespace sim::load
