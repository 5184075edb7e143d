#pragma once

#include "actors/actor_error.hpp"
#include "actors/atoms.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include <caf/test/dsl.hpp> // LAST: defines macros

namespace switchboard::test {

/// What came back of a request, without ever blocking the test.
template <class T>
struct reply {
  std::optional<T> value;
  std::optional<caf::error> failed;
  bool came() const { return value || failed; }
};

/// Actors in virtual time: nothing runs but in settle() and pass(). Actors given to keep() are
/// ended with the fixture, so that none with a timer of its own runs for ever.
class virtual_world : public test_coordinator_fixture<> {
public:
  ~virtual_world() override {
    for (auto& actor : kept_)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    consume_messages();
  }

  template <class Handle>
  Handle keep(Handle actor) {
    kept_.push_back(caf::actor_cast<caf::actor>(actor));
    return actor;
  }

  /// Lets every actor handle what it has got.
  void settle() { consume_messages(); }

  /// Lets time go by in small steps, as it does outside; whatever gets due on the way is handled.
  void pass(std::chrono::milliseconds time,
            std::chrono::milliseconds step = std::chrono::milliseconds{100}) {
    settle();
    for (; time.count() > 0; time -= step) {
      advance_time(std::min(step, time));
      settle();
    }
  }

  /// Sends a request; its answer comes with the next settle().
  template <class T, class Handle, class... Args>
  std::shared_ptr<reply<T>> begin_ask(const Handle& to, const Args&... args) {
    auto out = std::make_shared<reply<T>>();
    auto asker = sys.spawn([=](caf::event_based_actor* me) {
      me->request(to, caf::infinite, args...)
          .then([out](const T& value) { out->value = value; },
                [out](const caf::error& why) { out->failed = why; });
    });
    kept_.push_back(asker);
    return out;
  }

  template <class T, class Handle, class... Args>
  reply<T> ask(const Handle& to, const Args&... args) {
    auto out = begin_ask<T>(to, args...);
    settle();
    return *out;
  }

  /// A pinned actor as its socket sees it. (A socket's callback runs between two messages, when the
  /// actor's execution unit of the test scheduler is gone already.)
  template <class Actor>
  Actor& on_line(const caf::actor& actor) {
    auto& result = deref<Actor>(actor);
    result.context(sys.dummy_execution_unit());
    return result;
  }

  /// Remembers why an actor ended.
  std::shared_ptr<std::optional<caf::error>> watch(const caf::actor& actor) {
    auto out = std::make_shared<std::optional<caf::error>>();
    actor->attach_functor([out](const caf::error& why) { *out = why; });
    return out;
  }

private:
  std::vector<caf::actor> kept_;
};

} // namespace switchboard::test
