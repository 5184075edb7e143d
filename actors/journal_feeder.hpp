#pragma once

#include "actors/disk_actor.hpp"
#include "actors/event_feed_actor.hpp"
#include "actors/journal_tail.hpp"
#include "actors/line.hpp"
#include "actors/node_state.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace switchboard::actors {

/// What of one call's recording is lost for good: shared by those who bring its journal to the
/// disk, one after the other.
struct recording_loss {
  std::atomic<int64_t> lost_ms{0}; ///< upper bound: from one batch of facts to the next
};
using recording_loss_ptr = std::shared_ptr<recording_loss>;

/// Where one call's journal goes, and who is told of trouble on the way.
struct journal_way {
  std::string call_id;
  std::string journal_path;
  disk_writer_actor disk;
  event_feed_actor feed;
  node_state_ptr node;
  recording_loss_ptr loss = std::make_shared<recording_loss>();
};

using journal_tail_ptr = std::shared_ptr<journal_tail>;

/// Brings one call's journal to its disk writer without ever waiting for it: a part of the call's
/// actor, on its line, while the call runs, and then of its recorder, which is given the tail. What
/// the disk does not take is kept, tried again, and past the tail's bound counted as lost
/// (node_state::journal_lost_bytes, recording_loss) and reported once as an `error` update.
/// Belongs to the actor it is a part of, which takes the tail or gives up before it ends.
class journal_feeder {
public:
  /// Appends of an actor on a line go by that line's outbox.
  journal_feeder(line_actor& self, journal_way way);
  ~journal_feeder();
  journal_feeder(const journal_feeder&) = delete;
  journal_feeder& operator=(const journal_feeder&) = delete;

  void add(record_batch batch);
  /// Looks what became of the append on its way, and makes the next one. Once a tick.
  void go_on();
  /// Nothing more is tried.
  void give_up();
  /// Gives the tail away, to a feeder of the same journal that takes it over. If none does, what is
  /// in it counts as lost, and the recording as left to the next start.
  journal_tail_ptr take();
  void take_over(journal_tail& tail);

  const journal_tail& tail() const { return tail_; }
  /// Tells of trouble with the call's recording, as an `error` update.
  void report(const std::string& code, const std::string& message);

private:
  void find_disk();
  void hear(journal_tail::news what);
  void warn(const char* why);
  void well_again();
  void lose(const journal_loss& what);
  void count_waiting();
  journal_tail::monotonic now() const;

  line_actor& self_;
  journal_way way_;
  journal_path_ptr path_;
  disk_writer_actor disk_;  // the disk writer itself, or who stands in for it
  bool disk_asked_ = false; // who it is
  journal_tail tail_;
  size_t counted_bytes_ = 0; // of the tail, in the metrics
  uint64_t lost_bytes_ = 0;
  bool failing_ = false; // and counted so
};

} // namespace switchboard::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::journal_tail_ptr)
