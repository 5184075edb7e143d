#include "http/socket_poller.hpp"

#include "conf/defaults/websocket.hpp"

#include <asio/post.hpp>
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
    : asio::execution_context::service(io), epoll_(io, make_epoll()) {}

socket_poller::~socket_poller() = default;

std::string socket_poller::use_io_uring() {
  std::string why;
  if (auto ring = socket_batch::by_io_uring(why))
    batch_ = std::move(ring);
  return why;
}

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
  const bool kept = interests != no_interest && problem == 0;
  auto& known = entries_[place];
  if (known.socket != socket || !kept) {
    known.trail.clear();
    round_.forget(fd); // what it has of another one's, in a round that is served now
  }
  known.socket = kept ? socket : nullptr;
  known.interests = kept ? interests : static_cast<uint8_t>(no_interest);
  watched_ = watched_ + (kept ? 1 : 0) - (before != no_interest ? 1 : 0);
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
  event.events = EPOLLET | ((after & bytes_interest) != 0 ? EPOLLIN | EPOLLRDHUP : 0u) |
                 ((after & room_interest) != 0 ? EPOLLOUT : 0u);
  event.data.fd = fd;
  // What nobody waits for is taken out: epoll reports errors and hang-ups even of no interest.
  const int how = after == no_interest    ? EPOLL_CTL_DEL
                  : before == no_interest ? EPOLL_CTL_ADD
                                          : EPOLL_CTL_MOD;
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
    watch(fd, no_interest, nullptr);
}

uint8_t socket_poller::interests(int fd) const {
  const auto place = static_cast<size_t>(fd);
  return place < entries_.size() ? entries_[place].interests : static_cast<uint8_t>(no_interest);
}

void socket_poller::await() {
  waiting_ = true;
  epoll_.async_wait(descriptor::wait_read,
                    [this](const std::error_code& failed) { take_turn(!failed); });
}

/// The poller's turn in the loop. Asio looks at descriptors by their edges: one look more after all
/// that was served, or what came meanwhile would not be told. Also if a handler throws.
void socket_poller::take_turn(bool any_ready) {
  struct again {
    socket_poller& poller;
    ~again() { poller.go_on(); }
  } const at_the_end{*this};
  if (any_ready)
    serve();
}

/// Waits for the next sockets to be ready, or, if a handler threw, has those behind it have their
/// turn: the kernel would tell nothing of what was received from them.
void socket_poller::go_on() {
  waiting_ = false;
  if (watched_ == 0)
    return;
  if (round_.empty())
    return await();
  waiting_ = true;
  asio::post(epoll_.get_executor(), [this] { take_turn(true); });
}

/// Serves what is ready until nothing is, in rounds in which each socket has one turn: to come back
/// here by way of Asio costs three system calls, one look more costs one. Bounded, so that the
/// thread's other work has its turn, and one who floods us waits like all others.
void socket_poller::serve() {
  size_t served = 0;
  for (int round = 0; round < limits::polled_rounds_max; ++round) {
    const size_t some = serve_round();
    served += some;
    if (some == 0 || served >= limits::polled_per_turn_max)
      return;
  }
}

/// @returns how many sockets had their turn.
size_t socket_poller::serve_round() {
  if (round_.empty())
    look();
  const size_t count = round_.left();
  try {
    struct round_over {
      bool& in_round;
      ~round_over() { in_round = false; }
    } const at_the_end{in_round_};
    in_round_ = true;
    while (!round_.empty())
      serve_one(round_.take());
  } catch (...) {
    settle(); // what those before it have to send
    throw;
  }
  settle();
  return count;
}

/// Asks which sockets are ready, and receives from all that wait for bytes.
void socket_poller::look() {
  std::array<epoll_event, limits::polled_at_once> events;
  const int count =
      epoll_wait(epoll_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  const auto ready = static_cast<size_t>(std::max(count, 0));
  for (size_t i = 0; i < ready; ++i)
    memory_trail::fetch(&entries_[static_cast<size_t>(events[i].data.fd)], sizeof(entry));
  for (size_t i = 0; i < ready; ++i) // arrives while the kernel receives
    entries_[static_cast<size_t>(events[i].data.fd)].trail.fetch();
  round_.begin();
  for (size_t i = 0; i < ready; ++i) {
    const int fd = events[i].data.fd;
    const auto& known = entries_[static_cast<size_t>(fd)];
    const bool readable = (events[i].events & ~static_cast<uint32_t>(EPOLLOUT)) != 0;
    const bool wanted = known.socket != nullptr && (known.interests & bytes_interest) != 0 &&
                        (known.socket->wants() & bytes_interest) != 0;
    round_.add(fd, events[i].events, readable && wanted);
  }
  round_.receive(*batch_);
}

/// Has epoll look at it again: what it was told of may still be so.
void socket_poller::ask_again(int fd) {
  if (const uint8_t asked = interests(fd); asked != no_interest)
    tell_epoll(fd, asked, asked);
}

void socket_poller::serve_one(const ready_socket& ready) {
  // A socket before it may have ended this one's.
  if (ready.fd < 0 || entries_[static_cast<size_t>(ready.fd)].socket == nullptr)
    return;
  // The kernel tells each event once: a socket that has more, or that throws, is asked for again,
  // and so is one whose peer has ended, which stays so whatever was read.
  struct turn {
    socket_poller& poller;
    int fd;
    bool over = false;
    ~turn() {
      if (!over)
        poller.ask_again(fd);
    }
  } now{*this, ready.fd};
  const auto place = static_cast<size_t>(ready.fd);
  polled_socket* const socket = entries_[place].socket;
  bool all = false;
  if (!note_due(entries_[place])) {
    all = tell(ready, socket);
  } else {
    memory_trail trail;
    {
      const trail_recording on{trail};
      all = tell(ready, socket);
    }
    if (entries_[place].socket == socket)
      entries_[place].trail.renew(trail);
  }
  now.over = all && (ready.events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) == 0;
}

/// @returns whether nothing is left of what it was told.
bool socket_poller::tell(const ready_socket& ready, polled_socket* socket) {
  // Its bytes first: they are nowhere else, while room is told again if this throws.
  const bool read = tell_of_bytes(ready, socket);
  if (entries_[static_cast<size_t>(ready.fd)].socket != socket)
    return true; // it has ended
  return tell_of_room(ready, socket) && read;
}

bool socket_poller::tell_of_room(const ready_socket& ready, polled_socket* socket) {
  if ((ready.events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0)
    return true;
  const uint8_t asked = interests(ready.fd);
  if ((asked & room_interest) == 0)
    return true;
  if ((socket->wants() & room_interest) == 0) {
    watch(ready.fd, static_cast<uint8_t>(asked & ~room_interest), socket);
    return true;
  }
  socket->on_room();
  return false;
}

bool socket_poller::tell_of_bytes(const ready_socket& ready, polled_socket* socket) {
  if ((ready.events & ~static_cast<uint32_t>(EPOLLOUT)) == 0)
    return true;
  if (!ready.received) {
    const uint8_t asked = interests(ready.fd);
    if ((asked & bytes_interest) == 0)
      return true;
    if ((socket->wants() & bytes_interest) != 0)
      return false; // only since a turn before its own
    watch(ready.fd, static_cast<uint8_t>(asked & ~bytes_interest), socket); // the bytes wait
    return true;
  }
  const int error = ready.done < 0 ? -ready.done : 0;
  if (not_now(error))
    return error != EINTR;
  const size_t count = error == 0 ? static_cast<size_t>(ready.done) : 0;
  socket->on_received(ready.bytes, count, error);
  return count > 0 && count < limits::read_buffer_bytes;
}

/// What a turn uses is noted in every so many: to note it costs a turn some 300 instructions, and
/// nearly all of it stays where it is. One without a trail is noted at once.
bool socket_poller::note_due(entry& known) {
  if (known.turns_to_note > 0 && known.trail.places() > 0) {
    --known.turns_to_note;
    return false;
  }
  known.turns_to_note = limits::turns_per_trail - 1;
  return true;
}

bool socket_poller::stage(int fd, polled_socket& socket, const char* bytes, size_t count) {
  if (!in_round_ || count > limits::staged_send_bytes_max)
    return false;
  if (sends_.put(fd, socket, bytes, count))
    return true;
  settle();
  return sends_.put(fd, socket, bytes, count);
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
