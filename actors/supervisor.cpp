#include "actors/supervisor.hpp"

#include "conf/log.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

supervisor::supervisor(caf::event_based_actor* owner, std::string log_id, uint64_t seed)
    : owner_(owner), log_id_(std::move(log_id)), chance_(seed) {}

void supervisor::add(uint8_t id, child_spec spec) {
  auto policy = spec.policy;
  children_.emplace(id,
                    entry{std::move(spec), restart_counter{std::move(policy)}, {}, false, 0, 0});
}

void supervisor::start(uint8_t id) {
  auto& e = children_.at(id);
  e.wanted = true;
  spawn(e);
}

void supervisor::spawn(entry& e) {
  e.handle = e.spec.spawn();
  owner_->monitor(e.handle);
}

void supervisor::healthy(uint8_t id) {
  children_.at(id).counter.healthy(owner_->home_system().clock().now());
}

bool supervisor::on_down(const caf::down_msg& down) {
  for (auto& [id, e] : children_) {
    if (!e.handle || e.handle.address() != down.source)
      continue;
    e.handle = nullptr;
    if (!e.wanted)
      return true;
    const bool fatal = e.spec.is_fatal && e.spec.is_fatal(down.reason);
    const double part = std::uniform_real_distribution<double>{0.0, 1.0}(chance_);
    auto pause = fatal ? std::nullopt : e.counter.died(owner_->home_system().clock().now(), part);
    if (!pause) {
      e.wanted = false;
      log::error(
          "supervisor", "child given up",
          {{"call_id", log_id_}, {"child", e.spec.name}, {"why", caf::to_string(down.reason)}});
      e.spec.gave_up(down.reason);
      return true;
    }
    log::warn("supervisor", "child died, restarting",
              {{"call_id", log_id_},
               {"child", e.spec.name},
               {"in_ms", int64_t{pause->count()}},
               {"why", caf::to_string(down.reason)}});
    owner_->delayed_send(owner_, *pause, atom::restart_v, id, ++e.generation);
    return true;
  }
  return false;
}

void supervisor::on_restart(uint8_t id, uint64_t generation) {
  auto found = children_.find(id);
  if (found == children_.end() || found->second.generation != generation || !found->second.wanted ||
      found->second.handle)
    return;
  auto& e = found->second;
  ++e.restarts;
  spawn(e);
  if (e.spec.restarted)
    e.spec.restarted();
}

void supervisor::stop_all() {
  for (auto& [id, e] : children_)
    stop(id);
}

void supervisor::stop(uint8_t id) {
  auto& e = children_.at(id);
  e.wanted = false;
  if (e.handle)
    owner_->send_exit(e.handle, caf::exit_reason::user_shutdown);
}

void supervisor::promote(uint8_t from, uint8_t to) {
  auto& rising = children_.at(from);
  auto& falling = children_.at(to);
  std::swap(rising.handle, falling.handle);
  rising.wanted = false;
  falling.wanted = true;
  ++falling.generation;
}

void supervisor::expect_end(uint8_t id) {
  children_.at(id).wanted = false;
}

void supervisor::forget_all() {
  for (auto& [id, e] : children_) {
    e.wanted = false;
    e.handle = nullptr;
  }
}

void supervisor::let_go(uint8_t id) {
  auto& e = children_.at(id);
  e.wanted = false;
  if (e.handle)
    owner_->demonitor(e.handle);
  e.handle = nullptr;
}

const caf::actor& supervisor::child(uint8_t id) const {
  return children_.at(id).handle;
}

bool supervisor::alive(uint8_t id) const {
  const auto found = children_.find(id);
  return found != children_.end() && found->second.handle;
}

bool supervisor::is(uint8_t id, const caf::actor_addr& who) const {
  const auto found = children_.find(id);
  return found != children_.end() && found->second.handle && found->second.handle.address() == who;
}

size_t supervisor::alive_count() const {
  size_t count = 0;
  for (auto& [id, e] : children_)
    count += e.handle ? 1 : 0;
  return count;
}

uint64_t supervisor::restarts(uint8_t id) const {
  return children_.at(id).restarts;
}

} // namespace switchboard::actors
