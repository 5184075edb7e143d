#pragma once

#include "actors/actor_error.hpp"
#include "actors/line.hpp"
#include "conf/log.hpp"
#include "http/exchange.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <exception>
#include <functional>

namespace switchboard::http {

/// How handlers ask actors: an actor pinned to the http thread, so that requests are made and
/// answers arrive there. Every request has a deadline and a way for its failure.
class gateway : public actors::line_actor {
public:
  using on_failure = std::function<void(const caf::error&)>;

  gateway(caf::actor_config& cfg, actors::line* where);
  const char* name() const override { return "gateway"; }
  caf::behavior make_behavior() override;

  /// Asks `to`. Exactly one of `next(result)` and `failed` runs, later, on the http thread; what
  /// `next` throws goes to `failed`. Http thread only.
  template <class Result, class Handle, class Then, class... Ts>
  void ask(const Handle& to, std::chrono::milliseconds timeout, Then next, on_failure failed,
           Ts&&... xs) {
    if (!open_) {
      failed(actors::make_error(actors::actor_error::draining));
      return;
    }
    auto refused = failed;
    request(to, caf::duration{timeout}, std::forward<Ts>(xs)...)
        .then(
            [then_run = std::move(next), failed = std::move(failed)](Result& result) mutable {
              run_guarded([&] { then_run(std::move(result)); }, failed);
            },
            [refused = std::move(refused)](const caf::error& why) {
              run_guarded([&] { refused(why); }, nullptr);
            });
  }

protected:
  void release() override { open_ = false; }

private:
  static void run_guarded(const std::function<void()>& work, const on_failure& failed);

  bool open_ = true;
};

/// The answer to a request whose actor failed: 503 DATABASE_UNAVAILABLE for a database that failed
/// or was silent, 503 BUSY for a bound that is reached, 404, 409, else 500.
http_response failure_response(const caf::error& why);

/// on_failure that answers with failure_response().
gateway::on_failure answer_failure(exchange_ptr x);

} // namespace switchboard::http
