#include "actors/event_feed.hpp"
#include "actors/recovery.hpp"
#include "conf/log.hpp"
#include "storage/call_store.hpp"
#include "tools/switchboard/commands.hpp"
#include "tools/switchboard/store_opener.hpp"

#include <caf/all.hpp>

#include <cstdio>

namespace switchboard {

namespace {

/// `recover`: what a server does at its start, without a server, and without waiting for carriers.
class recover_command : public command {
public:
  int run(const conf::config& config) override;
};

/// Runs a recovery from its beginning to its end.
caf::expected<actors::recovery_report> recover_all(const conf::config& config) {
  caf::actor_system_config system_config;
  caf::actor_system system{system_config};
  auto state = std::make_shared<actors::node_state>();
  actors::recovery_setup setup;
  setup.storage_path = config.recording_storage_path;
  setup.agent = config.agent_name;
  setup.stereo = config.channels == conf::recording_channels::stereo;
  setup.active_too = true;
  setup.open = store_opener(config, true);
  setup.writer = actors::spawn_database_writer(system, store_opener(config, false), state);
  setup.sealer = actors::spawn_sealer(system);
  setup.feed = system.spawn(actors::event_feed);
  const auto worker = actors::spawn_recovery(system, setup);
  caf::expected<actors::recovery_report> outcome = caf::sec::request_receiver_down;
  {
    caf::scoped_actor self{system};
    // As long as it takes: an operator waits, and may end it at any time without harm.
    self->request(worker, caf::infinite, atom::recover_v)
        .receive([&](const actors::recovery_report& report) { outcome = report; },
                 [&](const caf::error& why) { outcome = why; });
  }
  caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(setup.sealer, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(setup.writer, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(setup.feed, caf::exit_reason::user_shutdown);
  return outcome;
}

} // namespace

int recover_command::run(const conf::config& config) {
  auto lock = storage::data_directory_lock::acquire(config.data_directory());
  if (!lock)
    return failed(lock.detail());
  if (auto migrated = storage::migrate(config.database_path); !migrated)
    return failed(config.database_path + ": " + storage::to_string(migrated.code()) + ": " +
                  migrated.detail());
  log::start(config.level, config.format);
  const auto report = recover_all(config);
  log::stop();
  if (!report)
    return failed("the recovery did not end: " + caf::to_string(report.error()));
  std::printf(
      "%llu calls finished, %llu recordings made, %llu journals set aside, %llu not finished\n",
      static_cast<unsigned long long>(report->finished),
      static_cast<unsigned long long>(report->sealed),
      static_cast<unsigned long long>(report->set_aside),
      static_cast<unsigned long long>(report->failed));
  return report->failed == 0 ? exit_ok : exit_incomplete;
}

command_ptr make_recover() {
  return std::make_unique<recover_command>();
}

} // namespace switchboard
