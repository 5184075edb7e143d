#include "tools/sim_common/openai_session.hpp"

#include "tools/sim_common/openai_beta.hpp"
#include "tools/sim_common/openai_shapes.hpp"

namespace sim::openai {

namespace {

constexpr const char* expired = "Your session hit the maximum duration of 60 minutes.";

} // namespace

session::session(session_options options, std::shared_ptr<const script> lines)
    : core_(std::move(options), std::move(lines)), input_(core_), responder_(core_) {
  core_.config = default_session(core_.out.new_id("sess"), core_.options.model,
                                 core_.options.epoch_s + core_.options.expiry_ms / 1000);
  for (const char* list : {"speech", "items", "responses", "truncations", "errors", "history",
                           "toolOutputs", "callsNotMade"})
    core_.report[list] = json::array();
  core_.report["cancels"] = 0;
  core_.report["updates"] = 0;
  input_.on_speech = [this] { caller_speaks(); };
  input_.on_turn = [this] { turn_ended(); };
  responder_.on_begin = [this] { core_.time.cancel("idle"); };
  responder_.on_done = [this](int64_t playing_ms) { arm_idle(playing_ms); };
  input_.reconfigure();
  core_.time.after(core_.options.setup_ms, "begin", [this] { begin(); });
  core_.time.after(core_.options.expiry_ms, "expiry", [this] { expire(); });
}

void session::begin() {
  core_.out.send({{"type", "session.created"}, {"session", core_.config}});
  if (!core_.options.out_of_quota)
    return;
  core_.fail({"insufficient_quota",
              "You exceeded your current quota, please check your plan and billing details.", "",
              "insufficient_quota"},
             "");
  core_.out.close(1000, "insufficient_quota.insufficient_quota");
}

void session::expire() {
  core_.fail({"session_expired", expired, ""}, "");
  core_.out.close(1001, expired);
}

void session::feed_text(std::string_view frame, int64_t now_ms) {
  advance(now_ms);
  auto event = json::parse(frame, nullptr, false);
  if (event.is_discarded()) {
    core_.fail({"invalid_json", "We could not parse the JSON body of your event.", ""}, "");
    return;
  }
  std::string cause;
  if (event.is_object() && event.contains("event_id") && event["event_id"].is_string())
    cause = event["event_id"];
  if (core_.options.spoken == dialect::beta)
    event = from_beta(std::move(event));
  if (const auto problem = check_client_event(event))
    core_.fail(*problem, cause);
  else
    dispatch(event, cause);
  advance(now_ms);
}

void session::feed_binary(int64_t now_ms) {
  advance(now_ms);
  core_.fail({"invalid_event", "Binary messages are not supported: send JSON text frames.", ""},
             "");
}

void session::dispatch(const json& event, const std::string& cause) {
  const auto type = event["type"].get<std::string>();
  if (type == "input_audio_buffer.append")
    input_.append(event["audio"].get_ref<const std::string&>(), cause);
  else if (type == "session.update")
    update(event["session"], cause);
  else if (type == "input_audio_buffer.commit")
    input_.commit(cause);
  else if (type == "input_audio_buffer.clear")
    input_.clear();
  else if (type == "conversation.item.create")
    create_item(event, cause);
  else if (type == "conversation.item.retrieve")
    retrieve(event, cause);
  else if (type == "conversation.item.truncate")
    truncate(event, cause);
  else if (type == "conversation.item.delete")
    erase(event, cause);
  else if (type == "response.create")
    responder_.create(event.value("response", json::object()), cause);
  else
    responder_.cancel(event.value("response_id", std::string()), cause);
}

void session::update(const json& change, const std::string& cause) {
  if (change.contains("model") && change["model"] != core_.config["model"]) {
    core_.fail({"invalid_value", "The model of a session cannot be changed.", "session.model"},
               cause);
    return;
  }
  auto next = core_.config;
  merge_session(next, change);
  const bool other_voice =
      next["audio"]["output"]["voice"] != core_.config["audio"]["output"]["voice"];
  if (other_voice && core_.voice_used) {
    core_.fail({"cannot_update_voice",
                "Cannot update a conversation's voice if assistant audio is present.",
                "session.audio.output.voice"},
               cause);
    return;
  }
  core_.config = std::move(next);
  core_.report["updates"] = core_.report.value("updates", 0) + 1;
  input_.reconfigure();
  core_.out.send({{"type", "session.updated"}, {"session", core_.config}});
}

json session::turn_detection() const {
  return core_.config["audio"]["input"]["turn_detection"];
}

void session::caller_speaks() {
  if (turn_detection().value("interrupt_response", true))
    responder_.interrupt();
}

void session::turn_ended() {
  if (turn_detection().value("create_response", true))
    responder_.create(json::object(), "");
}

void session::arm_idle(int64_t playing_ms) {
  const auto turns = turn_detection();
  if (!turns.is_object() || !turns.contains("idle_timeout_ms") ||
      turns["idle_timeout_ms"].is_null())
    return;
  const int64_t delay = playing_ms + turns["idle_timeout_ms"].get<int64_t>();
  core_.time.after(delay, "idle", [this] {
    if (!input_.speaking() && turn_detection().is_object())
      input_.commit_idle();
  });
}

std::vector<output> session::take() {
  auto out = core_.out.take();
  if (core_.options.spoken == dialect::ga)
    return out;
  std::vector<output> translated;
  for (auto& each : out) {
    if (each.what == output::kind::close) {
      translated.push_back(std::move(each));
      continue;
    }
    for (auto& event : to_beta(std::move(each.event))) {
      output one;
      one.event = std::move(event);
      translated.push_back(std::move(one));
    }
  }
  return translated;
}

json session::report() const {
  json out = {{"session", core_.options.number}, {"model", core_.options.model}};
  out["appendedMs"] = input_.position_ms();
  for (const auto& [key, value] : core_.report.items())
    out[key] = value;
  return out;
}

} // namespace sim::openai
