#include "actors/actor_error.hpp"
#include "actors/disk_actor.hpp"
#include "actors/sync_schedule.hpp"
#include "actors/thread_priority.hpp"
#include "conf/defaults/call.hpp"
#include "conf/log.hpp"
#include "storage/journal.hpp"

#include <caf/all.hpp>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace switchboard::actors {

namespace {

struct open_journal {
  std::unique_ptr<storage::journal_file> file;
  bool unsynced = false; // and waits for its turn to be synced
};

struct disk_writer_state {
  journal_opener open;
  std::unordered_map<std::string, open_journal> journals;
  sync_schedule unsynced{{}};
  std::unordered_set<std::string> failing; // told of already: each call tries twice a second
  bool awake = false;                      // a look at what is due is on its way
  audio::byte_buffer joined;               // the batches of one append
  static inline const char* name = "disk_writer";

  open_journal* find_or_open(const std::string& path, caf::error& failed);
  audio::byte_view records_of(const journal_append& what);
  bool append(const journal_append& what, caf::actor_clock& clock);
  caf::result<uint64_t> close(const std::string& path);
  void sync(const std::vector<std::string>& paths);
  bool is_new_trouble(const std::string& path);
};

caf::error disk_failed(const std::string& path, storage::storage_error code,
                       const std::string& detail, bool tell = true) {
  if (tell)
    log::error("disk_writer", "journal write failed",
               {{"path", path}, {"code", storage::to_string(code)}, {"what", detail}});
  return make_error(actor_error::disk, storage::to_string(code));
}

bool disk_writer_state::is_new_trouble(const std::string& path) {
  if (failing.size() >= defaults::call::failing_journals_max)
    failing.clear(); // calls that gave up never come to take theirs out
  return failing.insert(path).second;
}

open_journal* disk_writer_state::find_or_open(const std::string& path, caf::error& failed) {
  auto found = journals.find(path);
  if (found != journals.end())
    return &found->second;
  auto opened = open(path);
  if (!opened) {
    failed = disk_failed(path, opened.code(), opened.detail(), is_new_trouble(path));
    return nullptr;
  }
  return &(journals[path] = {std::move(*opened)});
}

/// An append's records in one piece: nearly always those of one batch, as they are.
audio::byte_view disk_writer_state::records_of(const journal_append& what) {
  auto& batches = what.ticket->batches();
  if (batches.size() == 1)
    return *batches.front();
  joined.clear();
  for (auto& batch : batches)
    joined.insert(joined.end(), batch->begin(), batch->end());
  return joined;
}

/// @returns whether it is in the journal, and the ticket settled.
bool disk_writer_state::append(const journal_append& what, caf::actor_clock& clock) {
  const auto& path = *what.journal_path;
  caf::error failed;
  auto* journal = find_or_open(path, failed);
  if (journal == nullptr)
    return false;
  auto* file = journal->file.get();
  auto written = file->append(records_of(what));
  if (!written) {
    // What is left of the batch would be there twice after the next try: a journal that cannot be
    // cut now stays open, and is cut then.
    if (file->cut(file->size_bytes()))
      journals.erase(path); // the next try opens it anew: a passing fault heals by itself
    disk_failed(path, written.code(), written.detail(), is_new_trouble(path));
    return false;
  }
  const auto now = clock.now();
  what.ticket->settle(true, now); // before anything that could throw: it must not be made again
  if (!failing.empty())
    failing.erase(path);
  if (!std::exchange(journal->unsynced, true))
    unsynced.on_written(path, now);
  return true;
}

caf::result<uint64_t> disk_writer_state::close(const std::string& path) {
  caf::error failed;
  auto* journal = find_or_open(path, failed); // opened for it, too: another writer may have died
  if (journal == nullptr)
    return failed;
  auto synced = journal->file->sync();
  const uint64_t size = journal->file->size_bytes();
  unsynced.forget(path);
  journals.erase(path);
  failing.erase(path);
  if (!synced)
    return disk_failed(path, synced.code(), synced.detail());
  return size;
}

void disk_writer_state::sync(const std::vector<std::string>& paths) {
  std::vector<decltype(journals)::iterator> due;
  for (auto& path : paths)
    if (auto found = journals.find(path); found != journals.end())
      due.push_back(found);
  for (auto& journal : due)
    journal->second.file->begin_sync();
  for (auto& journal : due) {
    journal->second.unsynced = false;
    auto synced = journal->second.file->sync();
    if (!synced)
      disk_failed(journal->first, synced.code(), synced.detail());
  }
}

using disk_writer_pointer = disk_writer_actor::stateful_pointer<disk_writer_state>;

/// Has the writer look again when the next journal is due.
void wake_for_sync(disk_writer_pointer self, monotonic now) {
  const auto next = self->state.unsynced.next();
  if (!next || self->state.awake)
    return;
  self->state.awake = true;
  self->delayed_send(self, std::max(*next - now, monotonic::duration{0}), atom::commit_v);
}

disk_writer_actor::behavior_type disk_writer(disk_writer_pointer self, journal_opener open,
                                             std::chrono::milliseconds sync_after) {
  self->state.open = std::move(open);
  self->state.unsynced = sync_schedule{sync_after};
  self->set_exit_handler([self](caf::exit_msg& stop) {
    self->state.sync(self->state.unsynced.take_all());
    self->quit(std::move(stop.reason));
  });
  return {
      [self](atom::facts, const journal_appends& appends) {
        uint64_t made = 0;
        for (auto& what : appends) {
          if (!what.ticket->take())
            continue;
          const bool written = self->state.append(what, self->home_system().clock());
          if (!written)
            what.ticket->settle(false, self->home_system().clock().now());
          made += written ? 1 : 0;
        }
        wake_for_sync(self, self->home_system().clock().now());
        return made;
      },
      [self](atom::finish, const std::string& path) { return self->state.close(path); },
      [self](atom::commit) {
        self->state.awake = false;
        // Those that would be due soon are synced along with the first: early, never late.
        const auto soon = self->home_system().clock().now() + defaults::call::journal_sync_step;
        self->state.sync(self->state.unsynced.take_due(soon));
        wake_for_sync(self, self->home_system().clock().now());
      },
  };
}

/// Sealing must never take a core or the disk from live calls: lowest CPU and idle I/O priority of
/// this thread (Linux keeps both per thread).
void lower_own_priority() {
  give_way(defaults::call::sealer_nice, "sealer");
  constexpr int ioprio_who_process = 1;
  constexpr int ioprio_class_idle = 3 << 13;
  syscall(SYS_ioprio_set, ioprio_who_process, 0, ioprio_class_idle);
}

sealer_actor::behavior_type sealer(sealer_actor::pointer self) {
  return {
      [self, lowered = false](atom::seal, const storage::seal_request& request) mutable
      -> caf::result<storage::recording_row> {
        if (self->mailbox().size() >= defaults::call::seal_queue_max)
          return make_error(actor_error::busy); // the journal stays, and is taken up later
        if (!lowered) {
          lower_own_priority();
          lowered = true;
        }
        auto row = storage::seal_recording(request);
        if (!row)
          return disk_failed(request.journal_path, row.code(), row.detail());
        return *row;
      },
  };
}

} // namespace

disk_writer_actor spawn_disk_writer(caf::actor_system& system, journal_opener open,
                                    std::chrono::milliseconds sync_after, bool detached) {
  return detached ? system.spawn<caf::detached>(disk_writer, std::move(open), sync_after)
                  : system.spawn(disk_writer, std::move(open), sync_after);
}

sealer_actor spawn_sealer(caf::actor_system& system) {
  return system.spawn<caf::detached>(sealer);
}

} // namespace switchboard::actors
