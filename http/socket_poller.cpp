#include "http/socket_poller.hpp"

#include "conf/defaults/websocket.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace switchboard::http {

namespace limits = defaults::websocket;

namespace {

int make_epoll() {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0)
    throw std::system_error(errno, std::system_category(), "epoll_create1");
  return fd;
}

} // namespace

asio::execution_context::id socket_poller::id;

socket_poller::socket_poller(asio::io_context& io)
    : asio::execution_context::service(io),
      buffer_(new char[limits::read_buffer_bytes]),
      epoll_(io, make_epoll()) {}

socket_poller::~socket_poller() = default;

std::error_code socket_poller::watch(int fd, uint8_t interests, polled_socket* socket) {
  if (fd < 0)
    return {EBADF, std::system_category()};
  const auto place = static_cast<size_t>(fd);
  if (place >= entries_.size())
    entries_.resize(place + 1);
  const uint8_t before = entries_[place].interests;
  int problem = 0;
  if (interests != before && !tell_epoll(fd, before, interests))
    problem = errno;
  const bool kept = interests != none && problem == 0;
  auto& known = entries_[place];
  if (known.socket != socket || !kept)
    known.trail.clear();
  known.socket = kept ? socket : nullptr;
  known.interests = kept ? interests : static_cast<uint8_t>(none);
  watched_ = watched_ + (kept ? 1 : 0) - (before != none ? 1 : 0);
  if (watched_ > 0 && !waiting_)
    await();
  else if (watched_ == 0 && waiting_)
    stop_waiting();
  return {problem, std::system_category()};
}

/// @returns false, and errno, if that cannot be; then the descriptor is watched no more.
bool socket_poller::tell_epoll(int fd, uint8_t before, uint8_t after) {
  epoll_event event{};
  // The peer's end apart (EPOLLRDHUP): it may come with the last bytes, in one event.
  event.events = EPOLLET | ((after & reading) != 0 ? EPOLLIN | EPOLLRDHUP : 0u) |
                 ((after & writing) != 0 ? EPOLLOUT : 0u);
  event.data.fd = fd;
  // What nobody waits for is taken out: epoll reports errors and hang-ups even of no interest.
  const int how = after == none ? EPOLL_CTL_DEL : before == none ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(epoll_.native_handle(), how, fd, &event) == 0 || how == EPOLL_CTL_DEL)
    return true;
  const int problem = errno;
  epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, &event);
  errno = problem;
  return false;
}

void socket_poller::stop_waiting() {
  std::error_code ignored;
  epoll_.cancel(ignored); // the wait ends by its handler
}

void socket_poller::forget(int fd) {
  if (static_cast<size_t>(fd) < entries_.size())
    watch(fd, none, nullptr);
}

void socket_poller::await() {
  waiting_ = true;
  epoll_.async_wait(descriptor::wait_read, [this](const std::error_code& failed) {
    // Asio looks at descriptors by their edges: one look more after all that was served, or what
    // came meanwhile would not be told. Also if a handler throws.
    struct again {
      socket_poller* poller;
      ~again() {
        poller->waiting_ = false;
        if (poller->watched_ > 0)
          poller->await();
      }
    } const at_the_end{this};
    if (!failed)
      serve();
  });
}

/// Serves what is ready until nothing is, in rounds in which each socket has one turn: to come back
/// here by way of Asio costs three system calls, one look more costs one. Bounded, so that the
/// thread's other work has its turn, and one who floods us waits like all others.
void socket_poller::serve() {
  int served = 0;
  for (int round = 0; round < limits::polled_rounds_max; ++round) {
    const int some = serve_some();
    served += some;
    if (some == 0 || served >= limits::polled_per_turn_max)
      return;
  }
}

int socket_poller::serve_some() {
  std::array<epoll_event, static_cast<size_t>(limits::polled_at_once)> events;
  const int count =
      epoll_wait(epoll_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i)
    memory_trail::fetch(&entries_[static_cast<size_t>(events[static_cast<size_t>(i)].data.fd)],
                        sizeof(entry));
  // The kernel tells each event once: who throws, and those behind it, are asked for again.
  struct unserved {
    socket_poller& poller;
    const epoll_event *next, *end;
    ~unserved() {
      for (; next != end; ++next)
        poller.ask_again(next->data.fd);
    }
  } left{*this, events.data(), events.data() + std::max(count, 0)};
  for (; left.next != left.end; ++left.next)
    if (!serve_one(left.next->data.fd, left.next->events))
      ask_again(left.next->data.fd);
  return count;
}

/// Has epoll look at it again: what it was told of may still be so.
void socket_poller::ask_again(int fd) {
  const uint8_t interests = entries_[static_cast<size_t>(fd)].interests;
  if (interests != none)
    tell_epoll(fd, interests, interests);
}

/// @returns whether nothing is left of what it was told.
bool socket_poller::serve_one(int fd, uint32_t events) {
  const auto place = static_cast<size_t>(fd);
  // A socket before it may have ended this one's, or put another one in its place: that finds
  // nothing to read and waits on.
  if (entries_[place].socket == nullptr)
    return true;
  entries_[place].trail.fetch(); // arrives while the kernel receives
  const bool failed = (events & (EPOLLERR | EPOLLHUP)) != 0;
  const bool ended = failed || (events & EPOLLRDHUP) != 0; // and stays so, whatever was read
  const bool all =
      tell(place, ended || (events & EPOLLIN) != 0, failed || (events & EPOLLOUT) != 0);
  return all && !ended;
}

bool socket_poller::tell(size_t place, bool readable, bool writable) {
  polled_socket* const socket = entries_[place].socket;
  if (!note_due(place))
    return socket->on_ready(readable, writable);
  memory_trail trail;
  bool all = false;
  {
    const trail_recording on{trail};
    all = socket->on_ready(readable, writable);
  }
  if (entries_[place].socket == socket)
    entries_[place].trail.renew(trail);
  return all;
}

/// What a turn uses is noted in every so many: to note it costs a turn some 300 instructions, and
/// nearly all of it stays where it is. One without a trail is noted at once.
bool socket_poller::note_due(size_t place) {
  auto& known = entries_[place];
  if (known.turns_to_note > 0 && known.trail.places() > 0) {
    --known.turns_to_note;
    return false;
  }
  known.turns_to_note = limits::turns_per_trail - 1;
  return true;
}

size_t socket_poller::trail_places(int fd) const {
  const auto place = static_cast<size_t>(fd);
  return place < entries_.size() ? entries_[place].trail.places() : 0;
}

void socket_poller::shutdown() {
  for (size_t fd = 0; fd < entries_.size(); ++fd) {
    if (polled_socket* const socket = entries_[fd].socket)
      socket->on_poller_gone(); // may end, and forget itself
  }
  watched_ = 0;
  std::error_code ignored;
  epoll_.close(ignored);
}

} // namespace switchboard::http
