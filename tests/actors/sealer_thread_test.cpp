#define CAF_SUITE sealer_thread
#define FAIL CAF_FAIL
#include "actors/actor_error.hpp"
#include "actors/disk_actor.hpp"
#include "conf/defaults/call.hpp"
#include "tests/storage/call_on_disk.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <caf/all.hpp>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;

namespace {

constexpr int lowest_nice = 19;
constexpr int ioprio_who_process = 1;
constexpr int ioprio_class_shift = 13; // linux/ioprio.h
constexpr int ioprio_class_idle = 3;

std::set<id_t> threads() {
  std::set<id_t> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task"))
    out.insert(static_cast<id_t>(std::stoul(entry.path().filename().string())));
  return out;
}

bool has_lowest_priority(id_t thread) {
  errno = 0;
  const int nice = getpriority(PRIO_PROCESS, thread);
  const auto io = syscall(SYS_ioprio_get, ioprio_who_process, thread);
  return errno == 0 && nice == lowest_nice && io >> ioprio_class_shift == ioprio_class_idle;
}

size_t threads_of_lowest_priority() {
  size_t count = 0;
  for (const auto thread : threads())
    count += has_lowest_priority(thread) ? 1 : 0;
  return count;
}

struct fixture {
  test::temporary_directory root;
  caf::actor_system_config config;
  caf::actor_system system{config};
  sealer_actor sealer = spawn_sealer(system);
  caf::scoped_actor self{system};

  ~fixture() { caf::anon_send_exit(sealer, caf::exit_reason::kill); }

  storage::seal_request wanted(const std::string& journal) const {
    storage::seal_request x;
    x.journal_path = root / journal;
    x.storage_path = root / "recordings";
    x.wav_path = "a.wav";
    x.call_id = "id";
    return x;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sealer_thread_tests, fixture)

CAF_TEST(sealing is done by a thread of the lowest priority and by no other) {
  test::call_on_disk call(root / "a.journal");
  call.caller(0, test::tone(440, 200));
  call.end(200);
  self->request(sealer, caf::infinite, atom::seal_v, wanted("a.journal"))
      .receive([](const storage::recording_row& row) { CAF_CHECK_EQUAL(row.duration_s, 0.2); },
               [](const caf::error& why) { CAF_FAIL(caf::to_string(why)); });
  CAF_CHECK_EQUAL(threads_of_lowest_priority(), 1u);
  CAF_CHECK(!has_lowest_priority(static_cast<id_t>(syscall(SYS_gettid))));
}

CAF_TEST(beyond its bound the sealer is busy and the journal stays for later) {
  constexpr size_t above = 10;
  const auto gate = root / "gate"; // whoever opens a pipe to read waits until somebody may write
  CAF_REQUIRE_EQUAL(::mkfifo(gate.c_str(), 0600), 0);
  auto first = self->request(sealer, caf::infinite, atom::seal_v, wanted("gate"));
  // Only when it is at work on this one do all others wait, and none of them is taken along.
  while (threads_of_lowest_priority() == 0)
    std::this_thread::yield();
  std::vector<decltype(first)> sent;
  for (size_t i = 0; i < defaults::call::seal_queue_max + above; ++i)
    sent.push_back(self->request(sealer, caf::infinite, atom::seal_v, wanted("none.journal")));
  const int opened = ::open(gate.c_str(), O_RDWR);
  size_t made = 0, busy = 0, tried = 0;
  const auto on_row = [&](const storage::recording_row&) { ++made; };
  for (auto& one : sent)
    one.receive(on_row,
                [&](const caf::error& why) { ++(why == actor_error::busy ? busy : tried); });
  first.receive(on_row, [](const caf::error&) {});
  ::close(opened);
  CAF_CHECK_EQUAL(made, 0u);
  CAF_CHECK_EQUAL(busy, above);
  CAF_CHECK_EQUAL(tried, defaults::call::seal_queue_max);
  {
    test::call_on_disk call(root / "a.journal");
    call.caller(0, test::tone(440, 200));
    call.end(200);
  }
  self->request(sealer, caf::infinite, atom::seal_v, wanted("a.journal"))
      .receive(on_row, [](const caf::error& why) { CAF_FAIL(caf::to_string(why)); });
  CAF_CHECK_EQUAL(made, 1u); // it goes on
}

CAF_TEST_FIXTURE_SCOPE_END()
