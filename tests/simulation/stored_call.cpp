#include "tests/simulation/stored_call.hpp"

#include "actors/database.hpp"
#include "actors/recovery.hpp"
#include "storage/sealer.hpp"
#include "tests/storage/failing_journal.hpp"

namespace switchboard::test {

using namespace std::chrono_literals;

namespace {

constexpr int webhooks_max = 5;       // of one call; then the carrier has given up
constexpr size_t words_bytes = 8'000; // 1 s of PCMU

/// The real sealing on the test's own thread, in virtual time.
sealer_actor::behavior_type sealer_of(sealer_actor::pointer, write_faults* faults) {
  return {
      [=](atom::seal, const storage::seal_request& wanted) -> caf::result<storage::recording_row> {
        if (faults->strike())
          return make_error(actor_error::disk, "full");
        auto row = storage::seal_recording(wanted);
        if (!row)
          return make_error(actor_error::disk, row.detail());
        return *row;
      },
  };
}

} // namespace

stored_call::stored_call(const std::string& template_database, uint64_t fail_at_write,
                         bool until_mended)
    : vfs_(*this) {
  fail_at = fail_at_write;
  lasting = until_mended;
  std::filesystem::copy_file(template_database, root_ / "switchboard.db");
  config.recording_storage_path = recording_root();
  write_faults& faults = *this;
  database = keep(spawn_database_writer(sys, opener(false), node, false));
  disk = keep(spawn_disk_writer(
      sys, [&faults](const std::string& path) { return failing_journal::open(faults, path); },
      std::chrono::seconds(2), false));
  sealer = keep(sys.spawn(sealer_of, &faults));
  registry = keep(spawn_registry(sys, {10, 1, profiles}, database, feed, node));
  watch_over("database writer", caf::actor_cast<caf::actor>(database));
  watch_over("disk writer", caf::actor_cast<caf::actor>(disk));
  watch_over("sealer", caf::actor_cast<caf::actor>(sealer));
  watch_over("registry", caf::actor_cast<caf::actor>(registry));
  settle();
}

/// The writer's connection has to be closed while its file layer is there.
stored_call::~stored_call() {
  armed = false;
  caf::anon_send_exit(database, caf::exit_reason::kill);
  settle();
}

storage::result<std::unique_ptr<storage::call_store>> stored_call::open(bool read_only) const {
  storage::store_options options;
  options.path = root_ / "switchboard.db";
  options.read_only = read_only;
  return storage::open_call_store(options);
}

store_factory stored_call::opener(bool read_only) const {
  return [this, read_only]() -> std::unique_ptr<storage::call_store> {
    auto opened = open(read_only);
    return opened ? std::move(*opened) : nullptr;
  };
}

bool stored_call::answer() {
  call_facts facts;
  facts.call_sid = "CA1";
  for (int i = 0; i < webhooks_max; ++i) {
    auto asked = begin_ask<admission>(registry, atom::admit_v, facts);
    pass(1'000ms);
    if (asked->value) {
      begin();
      return true;
    }
  }
  return false;
}

void stored_call::play() {
  armed = true;
  answered_ = answer();
  if (answered_) {
    talk();
    caller_hangs_up();
    carrier_closes();
    tick();
  }
  pass(5'000ms);
  mend();
  pass(180'000ms, 500ms);
}

void stored_call::talk() {
  pass(200ms);
  configure();
  caller_says("u1", "is anybody there", 0, 1'500);
  agent_says("r1", "i1", "yes there is", words_bytes);
  caller_says("u2", "then good bye", 3'000, 4'200);
  agent_says("r2", "i2", "and to you", words_bytes);
}

void stored_call::recover() {
  recovery_setup setup;
  setup.storage_path = recording_root();
  setup.agent = "assistant";
  setup.active_too = true;
  setup.open = opener(true);
  setup.writer = database;
  setup.sealer = sealer;
  setup.feed = feed;
  setup.detached = false;
  const auto worker = keep(spawn_recovery(sys, setup));
  begin_ask<recovery_report>(worker, atom::recover_v);
  pass(5'000ms);
  caf::anon_send_exit(worker, caf::exit_reason::kill);
  settle();
}

call_records stored_call::read() {
  call_records out;
  out.answered = answered_;
  auto store = open(true);
  if (!store)
    return out;
  auto details = (*store)->get_call_with_details(call_id);
  if (!details)
    return out;
  for (auto& turn : details->transcripts)
    out.said.push_back(std::string{storage::to_string(turn.who)} + ": " + turn.text);
  out.row = std::move(*details);
  return out;
}

std::vector<std::string> stored_call::dead() const {
  std::vector<std::string> out;
  for (auto& [name, ended_by] : watched_)
    if (ended_by->has_value())
      out.push_back(name);
  return out;
}

} // namespace switchboard::test
