#pragma once

#include "actors/database_actor.hpp"
#include "actors/event_feed_actor.hpp"
#include "actors/keeper_actor.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

namespace switchboard::actors {

struct keeper_setup {
  database_writer_actor writer;
  database_reader_actor reader;
  std::string storage_path; ///< root of recordings
  uint32_t journal_retention_h = 24;
  uint32_t retention_days = 0; ///< 0 = calls are kept
  event_feed_actor feed;       ///< is told what it must not replay any more
};

/// See keeper_actor. It removes files in its handlers: spawn it detached.
class keeper_state {
public:
  explicit keeper_state(keeper_actor::pointer self) : self_(self) {}
  keeper_actor::behavior_type make_behavior(keeper_setup setup);
  static inline const char* name = "keeper";

private:
  using on_done = std::function<void(const caf::error* failed)>;

  caf::result<bool> erase(const std::string& call_id, const std::string& by);
  void begin(const std::string& call_id, const std::string& by, on_done done);
  void remove(const storage::erasure& what, on_done done);
  void forget_words(bool first);
  void look_over();
  void sweep_journals() const;
  void resume_erasures();
  void look_for_old_calls();
  void erase_next_old_call();
  template <class Found, class Query>
  void query(Query find, std::function<void(const Found&)> next);

  keeper_actor::pointer self_;
  keeper_setup setup_;
  std::deque<std::string> old_calls_; ///< ids of one batch, past their retention
  bool forgetting_ = false;           ///< the search index is being rid of erased words
  bool words_due_ = true;             ///< it may hold some; also those of an earlier process
  bool batch_failed_ = false;         ///< the next batch would hold the same calls again
};

keeper_actor::behavior_type keeper(keeper_actor::stateful_pointer<keeper_state> self,
                                   keeper_setup setup);

} // namespace switchboard::actors
