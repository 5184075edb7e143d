#include "actors/analyst.hpp"

#include "actors/actor_error.hpp"
#include "conf/defaults/analysis.hpp"
#include "conf/defaults/database.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

#include <optional>

namespace switchboard::actors {

namespace {

namespace limits = defaults::analysis;

class analyst : public caf::event_based_actor {
public:
  analyst(caf::actor_config& cfg, database_writer_actor writer)
      : caf::event_based_actor(cfg), writer_(std::move(writer)) {}

  const char* name() const override { return "analyst"; }

  caf::behavior make_behavior() override {
    set_exit_handler([this](caf::exit_msg& stop) {
      answer(false); // a promise left open would keep the call waiting
      quit(std::move(stop.reason));
    });
    return {
        [this](atom::figures, const call_snapshot& call) { on_snapshot(call); },
        [this](atom::finish, const call_snapshot& call) -> caf::result<bool> {
          last_ = call;
          finished_ = make_response_promise<bool>();
          store_last();
          return *finished_;
        },
        [this](atom::restart) { store_last(); },
    };
  }

private:
  static caf::duration patience() { return caf::duration{defaults::database::write_timeout}; }

  void on_snapshot(const call_snapshot& call) {
    if (last_ || storing_ || snapshots_ >= limits::snapshots_max)
      return;
    storing_ = true;
    ++snapshots_;
    request(writer_, patience(), atom::putstats_v, analytics_of(call))
        .then([this](const storage::analytics_row&) { storing_ = false; },
              [this, id = call.call_id](const caf::error& why) {
                storing_ = false;
                log::warn("analyst", "a snapshot is left out",
                          {{"call_id", id}, {"why", caf::to_string(why)}});
              });
  }

  /// The metadata first: who sees the last row sees the rest, too.
  void store_last() {
    request(writer_, patience(), atom::putmeta_v, metadata_of(*last_))
        .then(
            [this](const storage::metadata_row&) {
              request(writer_, patience(), atom::putstats_v, analytics_of(*last_))
                  .then([this](const storage::analytics_row&) { done(true); },
                        [this](const caf::error& why) { failed(why); });
            },
            [this](const caf::error& why) { failed(why); });
  }

  void failed(const caf::error& why) {
    log::error("analyst", "figures not stored",
               {{"call_id", last_->call_id}, {"why", caf::to_string(why)}});
    if (++tries_ < limits::store_tries)
      delayed_send(this, limits::store_pause, atom::restart_v);
    else
      done(false);
  }

  void done(bool stored) {
    answer(stored);
    quit();
  }

  void answer(bool stored) {
    if (!finished_)
      return;
    finished_->deliver(stored);
    finished_.reset();
  }

  database_writer_actor writer_;
  std::optional<call_snapshot> last_;
  std::optional<caf::typed_response_promise<bool>> finished_;
  bool storing_ = false;
  uint64_t snapshots_ = 0;
  unsigned tries_ = 0;
};

} // namespace

caf::actor spawn_analyst(caf::actor_system& system, database_writer_actor writer) {
  return system.spawn<analyst>(std::move(writer));
}

} // namespace switchboard::actors
