// A TCP connection without TLS: the path of nearly every frame. Its socket is read and written here
// and watched by the io_context's poller; Asio only connects it.

#include "conf/defaults/line.hpp"
#include "conf/defaults/websocket.hpp"
#include "conf/memory_trail.hpp"
#include "http/socket_poller.hpp"
#include "http/tcp_dialer.hpp"
#include "http/websocket_stream.hpp"

#include <asio/error.hpp>
#include <asio/post.hpp>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace switchboard::http {

namespace {

bool again(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

std::error_code system_error(int error) {
  return {error, std::system_category()};
}

// The calls of each frame, as the kernel has them: those of the C library are cancellation points
// (pthreads(7)), and each turns its thread's cancellation on and off by two atomic operations.
ssize_t receive_now(int fd, char* into, size_t bytes_max) {
  return ::syscall(SYS_recvfrom, fd, into, bytes_max, MSG_DONTWAIT, nullptr, nullptr);
}

ssize_t send_now_to(int fd, const char* bytes, size_t count) {
  return ::syscall(SYS_sendto, fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT, nullptr, 0);
}

class alignas(defaults::line::cache_line_bytes) plain_stream final : public websocket_stream,
                                                                     private polled_socket {
public:
  explicit plain_stream(asio::io_context& io) : poller_(socket_poller::of(io)), io_(io) {}
  ~plain_stream() override { shut(); }

  std::error_code assign(int native_handle) override {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (getsockname(native_handle, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      return system_error(errno);
    take(native_handle);
    return {};
  }

  int release() override {
    release_watch();
    return std::exchange(fd_, -1);
  }

  void connect(const std::string& host, uint16_t port, listener l) override {
    dialer_ = std::make_unique<tcp_dialer>(io_);
    dialer_->dial(host, port, [this, l = std::move(l)](std::error_code error) {
      if (!error)
        take(dialer_->socket().release(error));
      l->on_stream_connected(error);
    });
  }

  void secure(listener l) override { l->on_stream_secured({}, {}); }

  void read_some(listener l) override {
    reader_ = std::move(l);
    arm();
  }

  bool read_on() override {
    if (told_ == nullptr || *told_ == nullptr)
      return false;
    read_some(std::move(*told_)); // who is told is owned by this from now on, or by what ends it
    return true;
  }

  size_t send_now(const char* bytes, size_t count, std::error_code& error) override {
    touched_until(this, &dialer_);
    const ssize_t sent = send_now_to(fd_, bytes, count);
    if (sent < 0 && !again(errno))
      error = system_error(errno);
    return sent > 0 ? static_cast<size_t>(sent) : 0;
  }

  void write_some(const char* bytes, size_t count, listener l) override {
    writer_ = std::move(l);
    to_write_ = bytes;
    to_write_bytes_ = count;
    arm();
  }

  void cancel() override { end_read(asio::error::operation_aborted); }

  void finish_sending() override { ::shutdown(fd_, SHUT_WR); }

  void drop(drop_mode mode, listener) override {
    if (dialer_)
      dialer_->close();
    end_read(asio::error::operation_aborted);
    end_write(asio::error::operation_aborted, 0);
    if (mode == drop_mode::abort && fd_ >= 0)
      reset_on_close(fd_);
    shut();
  }

  std::string peer() const override { return peer_of(fd_); }

private:
  void take(int fd) {
    fd_ = fd;
    if (fd_ >= 0)
      send_at_once(fd_);
  }

  void release_watch() {
    if (armed_ != socket_poller::none)
      poller_.forget(fd_);
    armed_ = socket_poller::none;
  }

  void shut() {
    if (const int fd = release(); fd >= 0)
      ::close(fd);
  }

  unsigned interests() const {
    unsigned wanted = socket_poller::none;
    if (reader_)
      wanted |= socket_poller::reading;
    if (writer_)
      wanted |= socket_poller::writing;
    return wanted;
  }

  /// Waits for what is wanted. What is wanted no more stays watched until it comes: a read is
  /// nearly always followed by the next.
  void arm() {
    const unsigned wanted = interests();
    if ((armed_ & wanted) != wanted)
      watch(armed_ | wanted);
  }

  void watch(unsigned interests) {
    armed_ = static_cast<uint8_t>(interests);
    if (const auto error = poller_.watch(fd_, armed_, this)) {
      armed_ = socket_poller::none;
      end_read(error);
      end_write(error, 0);
    }
  }

  bool on_ready(bool readable, bool writable) override {
    if ((readable && !reader_) || (writable && !writer_))
      disarm();
    if (writable && writer_)
      write();
    // Last: the owner may let go of this one.
    const bool emptied = !readable || !reader_ || read();
    return emptied && !writable;
  }

  void disarm() {
    if (const unsigned wanted = interests(); wanted != armed_)
      watch(wanted);
  }

  /// @returns whether nothing is left to be read.
  bool read() {
    touched_until(this, &dialer_);
    const ssize_t count =
        receive_now(fd_, poller_.buffer(), defaults::websocket::read_buffer_bytes);
    const int error = count < 0 ? errno : 0;
    if (again(error))
      return error != EINTR;
    listener told = std::move(reader_); // owns this
    told_ = &told;
    struct over { // also when it throws: nobody may read on by a reference that is gone
      listener*& told;
      ~over() { told = nullptr; }
    } const at_the_end{told_};
    if (count > 0)
      told->on_stream_read({}, poller_.buffer(), static_cast<size_t>(count));
    else
      told->on_stream_read(error != 0 ? system_error(error) : asio::error::eof, nullptr, 0);
    return count > 0 && static_cast<size_t>(count) < defaults::websocket::read_buffer_bytes;
  }

  void write() {
    std::error_code error;
    const size_t sent = send_now(to_write_, to_write_bytes_, error);
    if (sent > 0 || error)
      end_write(error, sent);
  }

  void end_read(std::error_code error) {
    if (reader_)
      asio::post(io_, [l = std::move(reader_), error] { l->on_stream_read(error, nullptr, 0); });
    reader_ = nullptr;
  }

  void end_write(std::error_code error, size_t sent) {
    if (writer_)
      asio::post(io_, [l = std::move(writer_), error, sent] { l->on_stream_written(error, sent); });
    writer_ = nullptr;
  }

  void on_poller_gone() override {
    release_watch();
    const listener last_reader = std::move(reader_), last_writer = std::move(writer_); // own this
  }

  socket_poller& poller_; // what each frame needs comes first
  int fd_ = -1;
  uint8_t armed_ = socket_poller::none; // what the poller tells us
  listener reader_;                     // who waits for bytes
  listener* told_ = nullptr;            // who is being told of some
  listener writer_;                     // who waits for room
  const char* to_write_ = nullptr;
  size_t to_write_bytes_ = 0;
  asio::io_context& io_;
  std::unique_ptr<tcp_dialer> dialer_; // client only
};

} // namespace

std::unique_ptr<websocket_stream> websocket_stream::make_plain(asio::io_context& io) {
  return std::make_unique<plain_stream>(io);
}

} // namespace switchboard::http
