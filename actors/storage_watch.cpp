#include "actors/storage_watch.hpp"

#include "conf/defaults/node.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

namespace {

namespace limits = defaults::node;

/// Low below the mark, and until there is a little more than that.
bool is_low(uint64_t free_bytes, uint64_t mark_bytes, bool was_low) {
  const uint64_t room = mark_bytes / 100 * limits::storage_room_percent;
  return mark_bytes > 0 && free_bytes < (was_low ? room : mark_bytes);
}

struct watch_state {
  explicit watch_state(storage_watch_actor::pointer self_ptr) : self(self_ptr) {}

  void look();
  void look_at(const std::string& folder, std::atomic<uint64_t>& free_bytes,
               std::atomic<bool>& writable, std::atomic<bool>& low);
  void look_at_database();
  void tell(const char* code, const std::string& message, const std::string& folder);

  storage_watch_actor::pointer self;
  storage_watch_setup setup;
  bool database_ok = true;
  static inline const char* name = "storage_watch";
};

void watch_state::look() {
  auto& seen = setup.node->storage;
  if (setup.recording)
    look_at(setup.recording_folder, seen.recording_free_bytes, seen.recording_writable,
            seen.recording_low);
  look_at(setup.database_folder, seen.database_free_bytes, seen.database_writable,
          seen.database_low);
  look_at_database();
  const bool refusing = seen.database_low || (seen.recording_low && !setup.stop_recording);
  seen.not_recording = seen.recording_low && setup.stop_recording;
  if (refusing != seen.refusing.exchange(refusing))
    log::warn("storage_watch", refusing ? "new calls are refused" : "new calls are taken again",
              {{"recording_free_bytes", seen.recording_free_bytes.load()},
               {"database_free_bytes", seen.database_free_bytes.load()},
               {"mark_bytes", setup.free_min_bytes}});
  self->delayed_send(self, limits::storage_look_interval, atom::tick_v);
}

void watch_state::look_at(const std::string& folder, std::atomic<uint64_t>& free_bytes,
                          std::atomic<bool>& writable, std::atomic<bool>& low) {
  const auto found = setup.look(folder);
  free_bytes = found.free_bytes;
  const bool is_now_low = is_low(found.free_bytes, setup.free_min_bytes, low);
  if (!low.exchange(is_now_low) && is_now_low)
    tell("DISK_LOW", "The disk is nearly full.", folder);
  const bool was_writable = writable.exchange(found.writable);
  if (was_writable && !found.writable)
    tell("DISK_NOT_WRITABLE", "A folder cannot be written.", folder);
  if (!was_writable && found.writable)
    log::info("storage_watch", "a folder can be written again", {{"folder", folder}});
}

/// Its writer keeps the flag; here it is told once each time.
void watch_state::look_at_database() {
  const bool works = setup.node->database_ok;
  if (database_ok && !works)
    tell("DATABASE_FAILED", "The database takes no writes; they are kept for now.",
         setup.database_folder);
  database_ok = works;
}

/// The event names no path: it goes to whoever may read calls.
void watch_state::tell(const char* code, const std::string& message, const std::string& folder) {
  log::error("storage_watch", message, {{"code", code}, {"folder", folder}});
  feed_event event;
  event.type = feed_type::error;
  event.data = feed_error{code, message};
  caf::anon_send(setup.feed, atom::publish_v, std::move(event));
}

storage_watch_actor::behavior_type
storage_watch(storage_watch_actor::stateful_pointer<watch_state> self, storage_watch_setup setup) {
  self->state.setup = std::move(setup);
  self->send(self, atom::tick_v);
  return {[self](atom::tick) { self->state.look(); }};
}

} // namespace

storage_watch_actor spawn_storage_watch(caf::actor_system& system, storage_watch_setup setup) {
  return setup.detached ? system.spawn<caf::detached>(storage_watch, std::move(setup))
                        : system.spawn(storage_watch, std::move(setup));
}

} // namespace switchboard::actors
