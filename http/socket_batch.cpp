#include "http/socket_batch.hpp"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace switchboard::http {

namespace {

// As the kernel has them: those of the C library are cancellation points (pthreads(7)), and each
// turns its thread's cancellation on and off by two atomic operations.
class system_call_batch final : public socket_batch {
public:
  void receive(socket_work* first, size_t count) override {
    each(SYS_recvfrom, first, count, MSG_DONTWAIT);
  }

  void send(socket_work* first, size_t count) override {
    each(SYS_sendto, first, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

private:
  static void each(long call, socket_work* first, size_t count, int flags) {
    for (auto* work = first; work != first + count; ++work) {
      const long done = ::syscall(call, work->fd, work->bytes, work->count, flags, nullptr, 0);
      work->done = static_cast<int32_t>(done < 0 ? -errno : done);
    }
  }
};

} // namespace

std::unique_ptr<socket_batch> socket_batch::by_system_calls() {
  return std::make_unique<system_call_batch>();
}

} // namespace switchboard::http
