#include "actors/kept_alive.hpp"

#include "actors/actor_error.hpp"
#include "actors/atoms.hpp"
#include "actors/ticker.hpp"
#include "conf/defaults/node.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace switchboard::actors {

namespace {

namespace limits = defaults::node;

class kept_alive : public caf::event_based_actor {
public:
  kept_alive(caf::actor_config& cfg, std::string what, std::function<caf::actor()> make,
             node_state_ptr node)
      : caf::event_based_actor(cfg),
        what_(std::move(what)),
        make_(std::move(make)),
        node_(std::move(node)) {}

  const char* name() const override { return "kept_alive"; }

  void on_exit() override {
    if (child_)
      caf::anon_send_exit(child_, caf::exit_reason::user_shutdown);
    child_ = nullptr;
  }

  caf::behavior make_behavior() override {
    set_exit_handler([this](caf::exit_msg& stop) { on_stop(stop); });
    set_down_handler([this](caf::down_msg& down) { on_down(down); });
    set_default_handler(
        [this](caf::scheduled_actor*, caf::message_view& message) { return pass_on(message); });
    begin();
    return {
        [this](atom::restart) { begin(); },
        [this](atom::direct) -> caf::result<caf::actor> {
          if (!child_)
            return make_error(actor_error::busy);
          return child_;
        },
    };
  }

private:
  monotonic now() { return home_system().clock().now(); }

  void begin() {
    child_ = make_();
    begun_ = now();
    monitor(child_);
  }

  /// As the message came: its sender gets the answer.
  caf::result<caf::message> pass_on(caf::message_view& message) {
    if (!child_)
      return make_error(actor_error::busy);
    auto& from = *current_mailbox_element();
    child_->enqueue(caf::make_mailbox_element(from.sender, from.mid, std::move(from.stages),
                                              message.move_content_to_message()),
                    context());
    from.mid.mark_as_answered();
    return caf::delegated<caf::message>{};
  }

  void on_stop(caf::exit_msg& stop) {
    stopping_ = true;
    if (child_ && current_mailbox_element()->mid.is_urgent_message())
      send<caf::message_priority::high>(child_, caf::exit_msg{address(), stop.reason});
    else if (child_)
      send_exit(child_, stop.reason);
    else
      quit(std::move(stop.reason));
  }

  void on_down(const caf::down_msg& down) {
    child_ = nullptr;
    if (stopping_) {
      quit(down.reason);
      return;
    }
    if (now() - begun_ >= limits::revive_forgiven_after)
      pause_ = limits::revive_pause_first;
    ++node_->metrics.actors_restarted;
    log::error("node", "a writer died and is brought back",
               {{"what", what_}, {"why", caf::to_string(down.reason)}, {"in_ms", pause_.count()}});
    delayed_send(this, pause_, atom::restart_v);
    pause_ = std::min(pause_ * 2, limits::revive_pause_max);
  }

  std::string what_;
  std::function<caf::actor()> make_;
  node_state_ptr node_;
  caf::actor child_;
  monotonic begun_{};
  std::chrono::milliseconds pause_ = limits::revive_pause_first;
  bool stopping_ = false;
};

} // namespace

caf::actor spawn_kept_alive(caf::actor_system& system, std::string what,
                            std::function<caf::actor()> make, node_state_ptr node) {
  return system.spawn<kept_alive>(std::move(what), std::move(make), std::move(node));
}

} // namespace switchboard::actors
