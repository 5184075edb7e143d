#include "actors/actor_error.hpp"
#include "actors/database.hpp"
#include "actors/thread_priority.hpp"
#include "actors/worker_pool.hpp"
#include "conf/defaults/database.hpp"
#include "conf/log.hpp"
#include "storage/call_store.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

namespace {

struct reader_state {
  store_factory open;
  std::unique_ptr<storage::call_store> db;
  bool gives_way = false;
  static inline const char* name = "database_reader";

  caf::result<read_result> run(const read_job& job) {
    if (!gives_way) {
      gives_way = true;
      give_way(defaults::database::reader_nice, "database_reader"); // to calls
    }
    if (db == nullptr)
      db = open();
    if (db == nullptr)
      return make_error(actor_error::database, "cannot open");
    db->set_deadline(std::chrono::steady_clock::now() + defaults::database::read_deadline);
    return job(*db);
  }
};

database_reader_actor::behavior_type
reader(database_reader_actor::stateful_pointer<reader_state> self, store_factory open) {
  self->state.open = std::move(open);
  return {[self](atom::job, const read_job& job) { return self->state.run(job); }};
}

disk_reader_actor::behavior_type disk_worker(disk_reader_actor::pointer) {
  return {[](atom::job, const disk_job& job) -> caf::result<read_result> { return job(); }};
}

} // namespace

database_reader_actor spawn_database_reader(caf::actor_system& system, store_factory open,
                                            size_t threads, const node_state_ptr& node) {
  std::vector<database_reader_actor> workers;
  for (size_t i = 0; i < threads; ++i)
    workers.push_back(system.spawn<caf::detached>(reader, open));
  return system.spawn(worker_pool<database_reader_actor, read_job, read_result>, std::move(workers),
                      defaults::database::reader_queue_max,
                      jobs_gauge{node, &node->metrics.database_reads});
}

disk_reader_actor spawn_disk_reader(caf::actor_system& system, size_t threads,
                                    const node_state_ptr& node) {
  std::vector<disk_reader_actor> workers;
  for (size_t i = 0; i < threads; ++i)
    workers.push_back(system.spawn<caf::detached>(disk_worker));
  return system.spawn(worker_pool<disk_reader_actor, disk_job, read_result>, std::move(workers),
                      defaults::database::disk_queue_max,
                      jobs_gauge{node, &node->metrics.disk_reads});
}

} // namespace switchboard::actors
