#include "actors/atoms.hpp"
#include "actors/openai_leg.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

// -- functions
// ---------------------------------------------------------------------------------------

void openai_leg::on_function_call(const model_event& event) {
  if (event.item_type != "function_call" || responses_.is_silent(event.response_id))
    return;
  tools_.on_item(event.response_id, {event.call_id, event.name, event.text},
                 event.item_status == "completed");
}

void openai_leg::run_tools(const std::string& response_id) {
  for (auto& call : tools_.on_response_done(response_id))
    send(call_, atom::runtool_v, std::move(call));
  send_outputs(tools_.take_answered(), true);
}

/// A function outlives the session that called it: the next one is told of call and output both, at
/// once if it is live, else with the history.
/// @param answer false: the call is about to end or has said all there is to say.
void openai_leg::on_tool_output(const tool_exchange& used, bool answer) {
  if (!talks()) {
    if (context_ != nullptr)
      context_->talk.tool_used(bounded(used), now_ms());
    return;
  }
  if (tools_.knows(used.call_id)) {
    send_outputs(tools_.on_output(used.call_id, used.output), answer);
  } else {
    tell_late_output(bounded(used));
    if (answer)
      want_response(response_need::after_items, {});
  }
  ask_for_response();
}

void openai_leg::tell_late_output(tool_exchange used) {
  link_->send(create_function_call{used.call_id, used.name, used.arguments_json});
  link_->send(create_function_output{used.call_id, used.output});
  link_->flush();
  context_->talk.tool_used(std::move(used), now_ms());
}

void openai_leg::send_outputs(std::vector<tool_exchange> exchanges, bool answer) {
  if (exchanges.empty())
    return;
  for (auto& exchange : exchanges) {
    link_->send(create_function_output{exchange.call_id, exchange.output});
    context_->talk.tool_used(std::move(exchange), now_ms());
  }
  link_->flush();
  if (answer)
    want_response(response_need::after_items, {});
}

/// The session ends with outputs that it was not told: the next one is, with the history.
void openai_leg::record_tools() {
  for (auto& exchange : tools_.abandon())
    context_->talk.tool_used(std::move(exchange), now_ms());
}

// -- what we make it say
// -------------------------------------------------------------------------------

void openai_leg::say(const std::string& instructions) {
  if (!talks())
    return;
  create_response request;
  request.instructions = instructions;
  want_response(response_need::after_items, std::move(request));
}

void openai_leg::on_digits(const std::string& digits) {
  if (!talks())
    return;
  link_->send(create_message{"user", "[The caller pressed on the keypad: " + digits + "]", {}});
  want_response(response_need::after_items, {});
  link_->flush();
}

// -- who may interrupt
// ---------------------------------------------------------------------------------

bool openai_leg::may_be_interrupted() const {
  return setup_.settings.interrupt_response && !context_->parting;
}

/// A greeting that is to be heard whole was heard: from now on the caller may interrupt. Last words
/// are not interrupted.
void openai_leg::guard_greeting() {
  if (context_->parting) {
    if (setup_.settings.interrupt_response) { // nor does the server cut the last words off
      setup_.settings.interrupt_response = false;
      link_->send(update_interruption{setup_.settings});
    }
    return;
  }
  const auto policy = context_->facts.profile != nullptr ? context_->facts.profile->interruptions
                                                         : conf::barge_in::on;
  if (setup_.settings.interrupt_response || policy != conf::barge_in::off_during_greeting)
    return;
  const bool greets = !context_->greeted && !start_.greeting.empty();
  const bool still =
      !responses_.idle() || spoken_items_.empty() || context_->bridge.agent_audible();
  if (greets && still)
    return;
  context_->greeted = true;
  setup_.settings.interrupt_response = true;
  link_->send(update_interruption{setup_.settings});
  link_->flush();
}

} // namespace switchboard::actors
