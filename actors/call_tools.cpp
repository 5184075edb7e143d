#include "actors/call_actor.hpp"
#include "conf/built_in_tools.hpp"
#include "conf/defaults/outbound.hpp"
#include "conf/defaults/tools.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace switchboard::actors {

namespace limits = defaults::tools;

/// A function of the model. Whatever happens, it gets an output; only what the profile allows is
/// done.
void call_actor::run_tool(const function_call& call) {
  const auto& agent = *setup_.facts.profile;
  log::info("call", "function called",
            {{"call_id", setup_.call_id}, {"name", call.name.substr(0, 64)}});
  const bool running = state_ == call_state::connecting || state_ == call_state::live ||
                       state_ == call_state::recovering;
  if (!running)
    answer_tool(call, R"({"error":"the call is ending"})", false);
  else if (call.name == "end_call" && agent.end_call)
    end_by_agent(call);
  else if (call.name == "transfer_call" && !agent.transfers.empty())
    transfer(call);
  else if (call.name == "send_dtmf" && agent.send_dtmf)
    press_digits(call);
  else if (call.name == "pause_recording" && agent.pause_recording)
    keep_recording(call, true);
  else if (call.name == "resume_recording" && agent.pause_recording)
    keep_recording(call, false);
  else
    run_http_tool(call);
}

/// @param go_on the model is to go on with it.
void call_actor::answer_tool(const function_call& call, std::string output, bool go_on) {
  pass_tool_output({call.call_id, call.name, call.arguments_json, std::move(output)}, go_on);
}

/// The session that called the function may be gone by now, or go before it has read this. Without
/// one the output waits in the conversation, which keeps so many and no more
/// (defaults::call::history_tools_max) and is told to the next session.
void call_actor::pass_tool_output(tool_exchange used, bool go_on) {
  if (!children_.alive(model_leg)) {
    context_->talk.tool_used(bounded(std::move(used)), now_ms());
    return;
  }
  ask(children_.child(model_leg), limits::output_taken_max, atom::toolout_v, used, go_on)
      .then([](bool) {},
            [this, used, go_on](const caf::error& why) {
              if (why == caf::sec::request_receiver_down) // and its end is told to us next
                pass_tool_output(used, go_on);
              else
                log::error("call", "a function's output is lost",
                           {{"call_id", setup_.call_id}, {"why", caf::to_string(why)}});
            });
}

/// What was said before the pause is kept: the function runs when the model has said all of its
/// response, and what the caller says next is what it is about.
void call_actor::keep_recording(const function_call& call, bool paused) {
  pause_recording(paused);
  answer_tool(call, paused ? R"({"recording":"paused"})" : R"({"recording":"on"})", true);
}

/// A goodbye that was said in the same response is heard to its end; if none was, it is asked for.
void call_actor::end_by_agent(const function_call& call) {
  const bool said = agent().audible;
  answer_tool(call, R"({"ok":true})", false);
  part("the agent ended the call", {after_stream::hang_up, {}},
       said ? "" : "Say goodbye to the caller in one short sentence.");
}

void call_actor::transfer(const function_call& call) {
  const auto& allowed = setup_.facts.profile->transfers;
  const auto wanted = conf::text_argument(call.arguments_json, "target");
  const auto target = std::find_if(allowed.begin(), allowed.end(),
                                   [&](auto& each) { return wanted && each.name == *wanted; });
  if (target == allowed.end()) {
    answer_tool(call, R"({"error":"there is no such target"})", true);
    return;
  }
  const bool said = agent().audible;
  answer_tool(call, R"({"ok":true})", false);
  part("transferred", {after_stream::dial, target->number},
       said ? "" : "Tell the caller in one short sentence that you are transferring the call.");
}

/// The carrier presses keys only between two streams: this one is closed when all that was said is
/// heard, and the function is answered when the next one is there.
void call_actor::press_digits(const function_call& call) {
  const auto digits = conf::text_argument(call.arguments_json, "digits");
  if (!digits || !conf::is_dtmf(*digits) || !dtmf_call_.call_id.empty()) {
    answer_tool(call, R"({"error":"digits are 1 to 32 of 0-9 * # w W, one text at a time"})", true);
    return;
  }
  dtmf_call_ = call;
  dtmf_ = *digits;
}

void call_actor::digits_pressed() {
  parked_ = false;
  if (dtmf_call_.call_id.empty() || !dtmf_.empty())
    return; // the stream was lost for another reason; the digits are still to come
  answer_tool(dtmf_call_, R"({"ok":true})", true);
  dtmf_call_ = {};
}

void call_actor::run_http_tool(const function_call& call) {
  const auto& profile = setup_.facts.profile;
  const auto found = std::find_if(profile->tools.begin(), profile->tools.end(),
                                  [&](auto& each) { return each.name == call.name; });
  if (found == profile->tools.end() || !services_->outbound) {
    answer_tool(call, R"({"error":"there is no such tool"})", true);
    return;
  }
  tool_order order;
  order.tool = std::shared_ptr<const conf::http_tool>(profile, &*found); // lives with its profile
  order.call_id = setup_.call_id;
  order.call_sid = setup_.facts.call_sid;
  order.from = setup_.facts.from;
  order.to = setup_.facts.to;
  order.tool_call_id = call.call_id;
  order.arguments_json = call.arguments_json;
  const auto patience = std::chrono::milliseconds{found->timeout_ms} + limits::answer_slack;
  ask(services_->outbound, patience, atom::runtool_v, std::move(order))
      .then([this, call](const tool_outcome& outcome) { answer_tool(call, outcome.output, true); },
            [this, call](const caf::error&) {
              answer_tool(call, R"({"error":"the tool did not answer"})", true);
            });
}

/// Keys that the caller pressed reach the model as one text, as soon as there is a session.
void call_actor::send_caller_digits(monotonic now) {
  if (auto complete = pressed_.take(now))
    caller_digits_ += *complete;
  if (caller_digits_.size() > limits::digits_max)
    caller_digits_.erase(0, caller_digits_.size() - limits::digits_max); // the newest count
  if (caller_digits_.empty() || !model_ready_ || !children_.alive(model_leg))
    return;
  send(children_.child(model_leg), atom::digits_v, std::exchange(caller_digits_, {}));
}

} // namespace switchboard::actors
