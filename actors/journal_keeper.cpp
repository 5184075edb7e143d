#include "actors/journal_keeper.hpp"

#include "actors/atoms.hpp"
#include "actors/wall_clock.hpp"
#include "conf/defaults/call.hpp"
#include "conf/log.hpp"
#include "storage/journal_sweep.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

caf::actor spawn_journal_keeper(caf::actor_system& system, std::string storage_path,
                                uint32_t retention_h) {
  return system.spawn<caf::detached>([=](caf::event_based_actor* self) -> caf::behavior {
    self->send(self, atom::expire_v);
    return {
      [=](atom::expire) {
        const int64_t oldest = wall_now_ms() - int64_t{retention_h} * 3'600'000;
        const auto swept = storage::sweep_journals(storage_path, oldest);
        if (swept.removed + swept.failed > 0)
          log::info("journal_keeper", "journals swept",
                    {{"removed", swept.removed}, {"failed", swept.failed}});
        self->delayed_send(self, defaults::call::journal_sweep_interval, atom::expire_v);
      },
    };
  });
}

} // namespace switchboard::actors
