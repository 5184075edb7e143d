// Receives and sends of many sockets by one io_uring_enter(2). All of them say MSG_DONTWAIT, so the
// kernel does them while they are submitted and has their results ready when it returns: no
// poll, no worker thread, nothing is under way between two calls of a batch.

#include "conf/defaults/websocket.hpp"
#include "conf/log.hpp"
#include "http/socket_batch.hpp"

#include <liburing.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace switchboard::http {

namespace limits = defaults::websocket;

namespace {

static_assert(limits::polled_at_once <= limits::batch_max, "a round's receives fit into a batch");

void prepare_receive(io_uring_sqe* entry, const socket_work& work) {
  io_uring_prep_recv(entry, work.fd, work.bytes, work.count, MSG_DONTWAIT);
}

void prepare_send(io_uring_sqe* entry, const socket_work& work) {
  io_uring_prep_send(entry, work.fd, work.bytes, work.count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

class uring_batch final : public socket_batch {
public:
  uring_batch() = default;
  uring_batch(const uring_batch&) = delete;
  uring_batch& operator=(const uring_batch&) = delete;
  ~uring_batch() override { end(); }

  /// @returns 0, or why not: errno.
  int begin();
  /// Whether a receive that has nothing to take is done at once, and a send and a receive do their
  /// work. Not so where io_uring is emulated, or older than its MSG_DONTWAIT.
  bool works();

  void receive(socket_work* first, size_t count) override;
  void send(socket_work* first, size_t count) override;

private:
  using preparation = void (*)(io_uring_sqe*, const socket_work&);
  using system_calls = void (socket_batch::*)(socket_work*, size_t);

  void end();
  void prepare(socket_work* first, size_t count, preparation);
  void run(socket_work* first, size_t count, preparation, system_calls);
  int submit(socket_work* first, size_t count);
  size_t take_results(socket_work* first, size_t count);
  int at_once(int fd, char* byte, preparation);

  io_uring ring_{};
  bool usable_ = false;
  std::unique_ptr<socket_batch> instead_ = by_system_calls(); // for one, and for a ring that failed
};

int uring_batch::begin() {
  io_uring_params how{};
  // No interrupt of this thread for a completion: there are none but in its own calls (Linux 5.19).
  how.flags = IORING_SETUP_COOP_TASKRUN;
  int result = io_uring_queue_init_params(limits::batch_max, &ring_, &how);
  if (result == -EINVAL)
    result = io_uring_queue_init(limits::batch_max, &ring_, 0);
  usable_ = result == 0;
  return -result;
}

void uring_batch::end() {
  if (std::exchange(usable_, false))
    io_uring_queue_exit(&ring_);
}

/// One operation, not waited for: one that does not come at once would block a line for good.
int uring_batch::at_once(int fd, char* byte, preparation prepare_one) {
  socket_work work{fd, byte, 1, 0};
  prepare(&work, 1, prepare_one);
  return io_uring_submit(&ring_) == 1 && take_results(&work, 1) == 1 ? work.done : -EIO;
}

bool uring_batch::works() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return false;
  char sent = 's', received = 0;
  const bool sound = at_once(ends[0], &received, prepare_receive) == -EAGAIN &&
                     at_once(ends[1], &sent, prepare_send) == 1 &&
                     at_once(ends[0], &received, prepare_receive) == 1 && received == sent;
  ::close(ends[0]);
  ::close(ends[1]);
  return sound;
}

void uring_batch::receive(socket_work* first, size_t count) {
  run(first, count, prepare_receive, &socket_batch::receive);
}

void uring_batch::send(socket_work* first, size_t count) {
  run(first, count, prepare_send, &socket_batch::send);
}

/// The ring has room for `batch_max` of them, and is empty between two batches.
void uring_batch::prepare(socket_work* first, size_t count, preparation prepare_one) {
  for (size_t i = 0; i < count; ++i) {
    io_uring_sqe* const entry = io_uring_get_sqe(&ring_);
    prepare_one(entry, first[i]);
    entry->user_data = i;
    first[i].done = -EIO; // until its result is there
  }
}

void uring_batch::run(socket_work* first, size_t count, preparation prepare_one,
                      system_calls otherwise) {
  if (!usable_ || count == 1)
    return (*instead_.*otherwise)(first, count);
  prepare(first, count, prepare_one);
  const int why = submit(first, count);
  if (why == 0)
    return;
  // The last ones, which the kernel did not take. What it took and gave no result for stays failed:
  // whether its bytes were moved, nobody knows.
  const size_t not_taken = std::min<size_t>(io_uring_sq_ready(&ring_), count);
  log::error("line", "io_uring failed, system calls from now on",
             {{"why", std::system_category().message(why)},
              {"operations", count},
              {"not_taken", not_taken}});
  end();
  (*instead_.*otherwise)(first + (count - not_taken), not_taken);
}

/// @returns 0 once all results are there, or why they never will be: errno.
int uring_batch::submit(socket_work* first, size_t count) {
  size_t missing = count;
  int result = 0;
  for (int tries = 0; missing > 0 && tries < limits::batch_tries_max; ++tries) {
    result = io_uring_submit_and_wait(&ring_, static_cast<unsigned>(missing));
    missing -= take_results(first, count);
    if (result < 0 && result != -EINTR && result != -EAGAIN && result != -EBUSY)
      break;
  }
  return missing == 0 ? 0 : result < 0 ? -result : EIO;
}

size_t uring_batch::take_results(socket_work* first, size_t count) {
  io_uring_cqe* result = nullptr;
  unsigned head = 0, taken = 0;
  io_uring_for_each_cqe(&ring_, head, result) {
    if (result->user_data < count)
      first[result->user_data].done = result->res;
    ++taken;
  }
  io_uring_cq_advance(&ring_, taken);
  return taken;
}

} // namespace

std::unique_ptr<socket_batch> socket_batch::by_io_uring(std::string& why) {
  auto batch = std::make_unique<uring_batch>();
  if (const int error = batch->begin()) {
    why = std::system_category().message(error);
    return nullptr;
  }
  if (!batch->works()) {
    why = "it does not do at once what must not wait";
    return nullptr;
  }
  return batch;
}

} // namespace switchboard::http
