#include "http/staged_sends.hpp"

#include <algorithm>
#include <cstring>
#include <exception>

namespace switchboard::http {

namespace limits = defaults::websocket;

static_assert(limits::staged_send_bytes_max <= limits::staged_bytes_max, "one has room");

staged_sends::staged_sends() : bytes_(new char[limits::staged_bytes_max]) {}

bool staged_sends::put(int fd, polled_socket& socket, const char* bytes, size_t count) {
  if (settling_ || count_ == work_.size() || count > limits::staged_bytes_max - used_bytes_)
    return false;
  char* const copy = bytes_.get() + used_bytes_;
  std::memcpy(copy, bytes, count);
  used_bytes_ += count;
  work_[count_] = {fd, copy, static_cast<uint32_t>(count), 0};
  sockets_[count_++] = &socket;
  return true;
}

void staged_sends::settle(socket_batch& by) {
  if (count_ == 0 || settling_)
    return;
  struct settled { // also when one who is told throws
    staged_sends& sends;
    ~settled() {
      sends.settling_ = false;
      sends.count_ = sends.used_bytes_ = 0;
    }
  } const at_the_end{*this};
  settling_ = true;
  if (++number_ == 0)
    ++number_;
  by.send(work_.data(), count_);
  std::exception_ptr thrown; // of the first: a rest that is not told would be missing in the middle
  for (size_t i = 0; i < count_; ++i)
    try {
      tell(i);
    } catch (...) {
      thrown = thrown ? thrown : std::current_exception();
    }
  if (thrown)
    std::rethrow_exception(thrown);
}

void staged_sends::tell(size_t place) {
  const auto& work = work_[place];
  if (work.done == static_cast<int32_t>(work.count) || sockets_[place] == nullptr)
    return;
  const auto sent = static_cast<uint32_t>(std::max(work.done, 0));
  const int error = work.done < 0 ? -work.done : 0;
  sockets_[place]->on_unsent(work.bytes + sent, work.count - sent, not_now(error) ? 0 : error);
}

void staged_sends::forget(const polled_socket& socket) {
  std::replace(sockets_.begin(), sockets_.begin() + static_cast<ptrdiff_t>(count_),
               const_cast<polled_socket*>(&socket), static_cast<polled_socket*>(nullptr));
}

} // namespace switchboard::http
