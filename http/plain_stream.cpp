// A TCP connection without TLS: the path of nearly every frame. The io_context's poller watches its
// socket, receives from it and sends; Asio only connects it.

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

std::error_code system_error(int error) {
  return {error, std::system_category()};
}

// As the kernel has it, see socket_batch.cpp.
ssize_t send_to(int fd, const char* bytes, size_t count) {
  return ::syscall(SYS_sendto, fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT, nullptr, 0);
}

class alignas(defaults::line::cache_line_bytes) plain_stream final : public websocket_stream,
                                                                     private polled_socket {
public:
  explicit plain_stream(asio::io_context& io) : poller_(socket_poller::of(io)), io_(io) {}
  ~plain_stream() override {
    owner_ = nullptr; // it ends, too
    shut();
  }

  std::error_code assign(int native_handle) override {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (getsockname(native_handle, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      return system_error(errno);
    take(native_handle);
    return {};
  }

  int release() override {
    if (fd_ >= 0 && !poller_gone_) {
      settle();
      poller_.let_go(*this);
      poller_.forget(fd_);
    }
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

  size_t send(const char* bytes, size_t count, stream_listener& owner,
              std::error_code& error) override {
    touched_until(this, &dialer_);
    if (poller_.stage(fd_, *this, bytes, count)) {
      staged_in_ = poller_.stage_number();
      owner_ = &owner;
      return count;
    }
    return send_now(bytes, count, error);
  }

  void settle() override {
    if (!poller_gone_ && staged_in_ == poller_.stage_number())
      poller_.settle();
  }

  void write_some(const char* bytes, size_t count, listener l) override {
    writer_ = std::move(l);
    to_write_ = bytes;
    to_write_bytes_ = count;
    arm();
  }

  void cancel() override {
    if (!poller_.has_received(fd_)) // else it ends with that
      end_read(asio::error::operation_aborted);
  }

  void finish_sending() override {
    settle();
    ::shutdown(fd_, SHUT_WR);
  }

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

  void shut() {
    if (const int fd = release(); fd >= 0)
      ::close(fd);
  }

  size_t send_now(const char* bytes, size_t count, std::error_code& error) {
    const ssize_t sent = send_to(fd_, bytes, count);
    if (sent < 0 && !not_now(errno))
      error = system_error(errno);
    return sent > 0 ? static_cast<size_t>(sent) : 0;
  }

  /// Waits for what is wanted. What is wanted no more stays watched until it comes: a read is
  /// nearly always followed by the next.
  void arm() {
    const uint8_t wanted = wants(), watched = poller_.interests(fd_);
    if ((watched & wanted) == wanted)
      return;
    if (const auto error = poller_.watch(fd_, watched | wanted, this)) {
      end_read(error);
      end_write(error, 0);
    }
  }

  uint8_t wants() const override {
    return static_cast<uint8_t>((reader_ ? bytes_interest : no_interest) |
                                (writer_ ? room_interest : no_interest));
  }

  void on_received(char* bytes, size_t count, int error) override {
    touched_until(this, &dialer_);
    if (!reader_)
      return;
    listener told = std::move(reader_); // owns this
    told_ = &told;
    struct over { // also when it throws: nobody may read on by a reference that is gone
      listener*& told;
      ~over() { told = nullptr; }
    } const at_the_end{told_};
    if (count > 0)
      told->on_stream_read({}, bytes, count);
    else
      told->on_stream_read(error != 0 ? system_error(error) : asio::error::eof, nullptr, 0);
  }

  void on_room() override {
    std::error_code error;
    const size_t sent = send_now(to_write_, to_write_bytes_, error);
    if (sent > 0 || error)
      end_write(error, sent);
  }

  void on_unsent(const char* rest, size_t count, int error) override {
    if (error != 0)
      ::shutdown(fd_, SHUT_RD); // what was not sent is missing: the read shall end, too
    if (owner_ != nullptr)
      owner_->on_stream_unsent(error != 0 ? system_error(error) : std::error_code{}, rest, count);
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
    poller_.forget(fd_);
    poller_gone_ = true;
    const listener last_reader = std::move(reader_), last_writer = std::move(writer_); // own this
  }

  socket_poller& poller_; // what each frame needs comes first
  int fd_ = -1;
  bool poller_gone_ = false;
  uint32_t staged_in_ = 0; // the poller's number when bytes were staged, 0: none ever were
  stream_listener* owner_ = nullptr; // of those bytes
  listener reader_;                  // who waits for bytes
  listener* told_ = nullptr;         // who is being told of some
  listener writer_;                  // who waits for room
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
