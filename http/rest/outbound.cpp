#include "http/rest/outbound.hpp"

#include "actors/wall_clock.hpp"
#include "conf/log.hpp"
#include "http/rest/tool_request.hpp"

#include <caf/all.hpp>

#include <unordered_map>

namespace switchboard::http {

/// An answer of the client on its way to the actor's own thread.
using answer_ptr = std::shared_ptr<web_answer>;

} // namespace switchboard::http

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::http::answer_ptr)

namespace switchboard::http {

namespace {

using actors::outbound_actor;
using actors::tool_order;
using actors::tool_outcome;

struct outbound_state {
  explicit outbound_state(outbound_actor::pointer self_ptr) : self(self_ptr) {}

  caf::result<tool_outcome> run_tool(const tool_order& order);
  caf::result<bool> hang_up(const std::string& call_sid);
  template <class Next>
  void fetch(web_request request, Next next);

  outbound_actor::pointer self;
  const conf::config* config = nullptr;
  std::unique_ptr<web_client> client;
  static inline const char* name = "outbound";
};

/// The client answers on its own thread; a one-shot actor brings the answer to ours.
template <class Next>
void outbound_state::fetch(web_request request, Next next) {
  auto carrier = self->spawn([](caf::event_based_actor* one) -> caf::behavior {
    return {[one](atom::runtool) -> caf::result<answer_ptr> {
      auto answer = one->make_response_promise<answer_ptr>();
      one->become([one, answer](const answer_ptr& got) mutable {
        answer.deliver(got);
        one->quit();
      });
      return answer;
    }};
  });
  const auto patience =
      std::chrono::milliseconds{request.timeout_ms} + defaults::outbound::answer_slack;
  self->request(carrier, caf::duration{patience}, atom::runtool_v)
      .then([next](const answer_ptr& answer) mutable { next(*answer); },
            [next](const caf::error&) mutable {
              next(web_answer{0, {}, web_failure::timed_out});
            });
  client->submit(std::move(request), [carrier](web_answer answer) {
    caf::anon_send(carrier, std::make_shared<web_answer>(std::move(answer)));
  });
}

caf::result<tool_outcome> outbound_state::run_tool(const tool_order& order) {
  if (!is_json_object(order.arguments_json))
    return tool_outcome{false, R"({"error":"the arguments are not one JSON object"})"};
  auto promise = self->make_response_promise<tool_outcome>();
  fetch(tool_request(order, actors::wall_now_ms() / 1000, config->tools_allow_private_networks),
        [promise, tool = order.tool->name, id = order.call_id](const web_answer& answer) mutable {
          log::info("outbound", "tool called",
                    {{"call_id", id},
                     {"tool", tool},
                     {"status", answer.status},
                     {"failure", to_string(answer.failure)}});
          promise.deliver(tool_outcome_of(answer));
        });
  return promise;
}

caf::result<bool> outbound_state::hang_up(const std::string& call_sid) {
  auto request = hang_up_request(*config, call_sid);
  if (request.url.empty())
    return false;
  auto promise = self->make_response_promise<bool>();
  fetch(std::move(request), [promise, call_sid](const web_answer& answer) mutable {
    const bool over = is_hung_up(answer);
    if (over)
      log::info("outbound", "call ended at the carrier",
                {{"call_sid", call_sid}, {"status", answer.status}});
    else
      log::error("outbound", "the carrier did not end the call",
                 {{"call_sid", call_sid},
                  {"status", answer.status},
                  {"failure", to_string(answer.failure)}});
    promise.deliver(over);
  });
  return promise;
}

outbound_actor::behavior_type outbound(outbound_actor::stateful_pointer<outbound_state> self,
                                       const conf::config* config) {
  auto& state = self->state;
  state.config = config;
  state.client = std::make_unique<web_client>();
  return {
      [&state](atom::runtool, const tool_order& order) { return state.run_tool(order); },
      [&state](atom::hangup, const std::string& call_sid) { return state.hang_up(call_sid); },
  };
}

} // namespace

outbound_actor spawn_outbound(caf::actor_system& system, const conf::config& config) {
  return system.spawn(outbound, &config);
}

} // namespace switchboard::http
