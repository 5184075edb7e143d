#include "tools/switchboard/writers.hpp"

#include "actors/kept_alive.hpp"
#include "conf/defaults/call.hpp"
#include "conf/defaults/node.hpp"
#include "storage/journal.hpp"
#include "tools/switchboard/store_opener.hpp"

#include <caf/all.hpp>

namespace switchboard {

namespace {

actors::storage_watch_setup what_to_watch(const conf::config& config) {
  actors::storage_watch_setup setup;
  setup.recording_folder = config.recording_storage_path;
  setup.database_folder = config.data_directory();
  setup.free_min_bytes = config.disk_free_min_mb * defaults::node::bytes_per_mb;
  setup.stop_recording = config.disk_low == conf::disk_low_action::stop_recording;
  setup.recording = config.recording;
  return setup;
}

} // namespace

writers spawn_writers(caf::actor_system& system, const conf::config& config, size_t lines,
                      const actors::node_state_ptr& state, const actors::event_feed_actor& feed) {
  writers all;
  all.database = actors::keep_alive<actors::database_writer_actor>(
      system, "database writer",
      [&system, state, open = store_opener(config, false)] {
        return actors::spawn_database_writer(system, open, state);
      },
      state);
  for (size_t i = 0; i < lines; i += defaults::call::lines_per_disk_writer) {
    all.disks.push_back(actors::keep_alive<actors::disk_writer_actor>(
        system, "disk writer",
        [&system, sync_after = std::chrono::milliseconds(config.journal_sync_ms)] {
          return actors::spawn_disk_writer(
              system, [](const std::string& path) { return storage::journal_file::open(path); },
              sync_after);
        },
        state));
  }
  all.sealer = actors::keep_alive<actors::sealer_actor>(
      system, "sealer", [&system] { return actors::spawn_sealer(system); }, state);
  auto watched = what_to_watch(config);
  watched.feed = feed;
  watched.node = state;
  all.watch = actors::spawn_storage_watch(system, std::move(watched));
  return all;
}

} // namespace switchboard
