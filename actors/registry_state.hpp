#pragma once

#include "actors/call_table.hpp"
#include "actors/registry.hpp"

#include <caf/all.hpp>

#include <functional>
#include <unordered_map>
#include <vector>

namespace switchboard::actors {

/// The registry's inside. Its parts: registry.cpp (admission, streams, the actor),
/// registry_ends.cpp (ends), registry_takeover.cpp (calls that a dead process began).
struct registry_state {
  explicit registry_state(registry_actor::pointer self_ptr) : self(self_ptr) {}

  caf::result<admission> admit(const call_facts& facts);
  caf::result<stream_grant> claim(const stream_claim& wanted);
  void live(const std::string& call_id, const caf::actor& call);
  void ended(const std::string& call_id);
  caf::result<bool> callback(const status_callback& report);
  caf::result<next_step> stream_over(const std::string& call_sid);
  caf::result<bool> hang_up(const std::string& call_id);
  void drain(bool end_now);
  void look_over();
  void on_down(const caf::down_msg& down);

  void begin_call(const call_facts& facts);
  void create_row(const call_facts& facts);
  void take_over(call_facts facts, const storage::call_row& row);
  void hand_back(const std::string& call_id);
  void give_up(const std::string& call_sid);
  void give_up_all();
  void row_created(const std::string& call_sid, const storage::call_row& row);
  void row_failed(const std::string& call_sid, const caf::error& why);
  admission admission_of(call_entry& entry, bool resumed);
  void prewarm(call_entry& entry);
  stream_grant grant(call_entry& entry, const stream_start& start);
  void fail_waiting(const std::string& call_sid, const caf::error& why);
  void end_without_actor(std::string call_id, storage::call_status status, bool at_carrier);
  void forget(const std::string& call_id);
  void write_end(const std::string& call_id, const storage::call_update& end);
  void keep_end(const std::string& call_id, const storage::call_update& end);
  void write_kept_ends();
  std::optional<admission_result> refusal() const;
  caf::error refuse(admission_result why);
  void count() { node->active_calls = static_cast<uint32_t>(table.size()); }
  monotonic now() const { return self->home_system().clock().now(); }

  using admission_promise = caf::typed_response_promise<admission>;
  using grant_promise = caf::typed_response_promise<stream_grant>;

  registry_actor::pointer self;
  registry_settings settings;
  monotonic resume_until{}; ///< interrupted calls that are not back by then are finished
  call_table table{1, 1};
  database_writer_actor writer;
  event_feed_actor feed;
  node_state_ptr node;
  std::unordered_map<std::string, caf::actor> calls;              // live ones, by id
  std::unordered_map<std::string, storage::call_row> interrupted; // by CallSid: may come back
  std::unordered_map<std::string, std::vector<std::function<void(const caf::error*)>>> waiting;
  std::unordered_map<std::string, storage::call_update> kept_ends; // by id; not written yet
  uint64_t ends_lost = 0; // past the bound: recovery writes them
  monotonic next_end_try{};
  bool end_on_way = false; // one kept end at a time
  static inline const char* name = "registry";
};

} // namespace switchboard::actors
