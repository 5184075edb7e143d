#include "actors/warm_sessions.hpp"

#include "actors/atoms.hpp"
#include "actors/line.hpp"
#include "actors/openai_leg.hpp"
#include "actors/session_setup.hpp"
#include "conf/defaults/model.hpp"
#include "conf/defaults/registry.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

warm_sessions::warm_sessions(caf::actor_system& system, line* where, model_connector* connector,
                             const conf::config* config)
    : system_(system), where_(where), connector_(connector), config_(config) {}

void warm_sessions::open(const std::string& call_id, const call_facts& facts) {
  if (waiting_->count(call_id) > 0)
    return;
  if (waiting_->size() >= defaults::model::warm_sessions_max) {
    log::warn("warm_sessions", "no session is opened ahead: too many wait",
              {{"call_id", call_id}, {"waiting", static_cast<uint64_t>(waiting_->size())}});
    return;
  }
  model_leg_setup setup;
  setup.call_id = call_id;
  setup.connector = connector_;
  setup.settings = settings_for(*config_, facts);
  setup.unclaimed_max = defaults::registry::ticket_lifetime;
  auto leg = spawn_openai_leg(system_, where_, std::move(setup));
  waiting_->emplace(call_id, leg);
  // Runs on the line, where the leg ends. A call must not be given a session that is gone.
  std::weak_ptr<table> waiting = waiting_;
  leg->attach_functor([waiting, call_id, address = leg.address()](const caf::error&) {
    auto here = waiting.lock();
    if (!here)
      return;
    auto found = here->find(call_id);
    if (found != here->end() && found->second.address() == address)
      here->erase(found);
  });
}

caf::actor warm_sessions::take(const std::string& call_id) {
  auto found = waiting_->find(call_id);
  if (found == waiting_->end())
    return {};
  auto leg = std::move(found->second);
  waiting_->erase(found);
  return leg;
}

void warm_sessions::drop(const std::string& call_id) {
  if (auto leg = take(call_id))
    caf::anon_send(leg, atom::finish_v);
}

void session_prewarmer::open(uint32_t line_index, const std::string& call_id,
                             const call_facts& facts) {
  auto sessions = lines_[line_index];
  auto work = [sessions, call_id, facts] { sessions->open(call_id, facts); };
  if (sessions->where() != nullptr)
    sessions->where()->post(work);
  else
    work();
}

void session_prewarmer::drop(uint32_t line_index, const std::string& call_id) {
  auto sessions = lines_[line_index];
  auto work = [sessions, call_id] { sessions->drop(call_id); };
  if (sessions->where() != nullptr)
    sessions->where()->post(work);
  else
    work();
}

} // namespace switchboard::actors
