#include "actors/journal_feeder.hpp"

#include "conf/defaults/call.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

#include <utility>

namespace switchboard::actors {

namespace limits = defaults::call;

journal_feeder::journal_feeder(line_actor& self, journal_way way)
    : self_(self),
      way_(std::move(way)),
      path_(std::make_shared<const std::string>(way_.journal_path)),
      disk_(way_.disk),
      tail_(now()) {}

journal_feeder::~journal_feeder() {
  give_up();
}

journal_tail::monotonic journal_feeder::now() const {
  return self_.home_system().clock().now();
}

/// Ten appends a second and call are worth asking who stands behind the one who keeps it alive.
void journal_feeder::find_disk() {
  disk_ = way_.disk;
  disk_asked_ = true;
  self_.ask(caf::actor_cast<caf::actor>(way_.disk), limits::disk_timeout, atom::direct_v)
      .then([this](const caf::actor& is) { disk_ = caf::actor_cast<disk_writer_actor>(is); },
            [](const caf::error&) {}); // the detour does as well
}

void journal_feeder::add(record_batch batch) {
  const auto lost = tail_.add(std::move(batch), now());
  if (lost.bytes == 0)
    return;
  if (lost_bytes_ == 0)
    report("RECORDING_LOST", "The disk takes nothing and memory is full: sound is lost.");
  lose(lost);
}

void journal_feeder::go_on() {
  hear(tail_.look(now()));
  if (auto append = tail_.next(now())) {
    if (!disk_asked_ || tail_.failing()) // it may have died
      find_disk();
    append->journal_path = path_;
    // No answer is asked for: its ticket tells. And no deadline of CAF's: ten of them a second and
    // call kept its clock's thread busy.
    if (auto* line = self_.where())
      line->journals().put(disk_, std::move(*append));
    else
      caf::anon_send(disk_, atom::facts_v, journal_appends{std::move(*append)});
  }
  count_waiting();
}

void journal_feeder::give_up() {
  lose(tail_.give_up());
  well_again();
  count_waiting();
}

journal_tail_ptr journal_feeder::take() {
  auto forsaken = [node = way_.node, loss = way_.loss](journal_tail* tail) {
    const auto lost = tail->give_up();
    node->journal_lost_bytes += lost.bytes;
    loss->lost_ms += lost.ms;
    if (lost.bytes != 0)
      ++node->recordings_left;
    delete tail;
  };
  journal_tail_ptr taken{new journal_tail{std::exchange(tail_, journal_tail{now()})}, forsaken};
  well_again();
  count_waiting();
  return taken;
}

void journal_feeder::take_over(journal_tail& tail) {
  find_disk(); // it may have died since
  tail_ = std::exchange(tail, journal_tail{now()});
  if (tail_.failing() && !std::exchange(failing_, true)) // it was told of
    ++way_.node->recorders_failing;
  count_waiting();
}

void journal_feeder::hear(journal_tail::news what) {
  using news = journal_tail::news;
  if (what == news::written || what == news::resumed)
    way_.node->metrics.journal_lag.observe(static_cast<uint64_t>(tail_.waited().count()));
  if (what == news::resumed) {
    well_again();
    log::info("recorder", "writing resumed",
              {{"call_id", way_.call_id}, {"lost_bytes", lost_bytes_}});
  }
  if (what == news::failed)
    warn("failed");
  if (what == news::late)
    warn("takes long");
}

void journal_feeder::warn(const char* why) {
  if (std::exchange(failing_, true))
    return;
  ++way_.node->recorders_failing;
  report("RECORDING_FAILED", "The recording cannot be written; it is kept in memory for now.");
  log::error("recorder", "journal write failed, trying again",
             {{"call_id", way_.call_id}, {"why", why}});
}

void journal_feeder::well_again() {
  if (std::exchange(failing_, false))
    --way_.node->recorders_failing;
}

void journal_feeder::lose(const journal_loss& what) {
  lost_bytes_ += what.bytes;
  way_.node->journal_lost_bytes += what.bytes;
  way_.loss->lost_ms += what.ms;
}

void journal_feeder::count_waiting() {
  if (tail_.bytes() == counted_bytes_)
    return;
  way_.node->metrics.journal_waiting_bytes +=
      static_cast<int64_t>(tail_.bytes()) - static_cast<int64_t>(counted_bytes_);
  counted_bytes_ = tail_.bytes();
}

void journal_feeder::report(const std::string& code, const std::string& message) {
  feed_event event;
  event.type = feed_type::error;
  event.call_id = way_.call_id;
  event.data = feed_error{code, message};
  caf::anon_send(way_.feed, atom::publish_v, std::move(event));
}

} // namespace switchboard::actors
