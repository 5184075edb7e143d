#include "tools/sim_common/openai_responder.hpp"

#include "tools/sim_common/openai_audio.hpp"
#include "tools/sim_common/openai_shapes.hpp"

#include <algorithm>

namespace sim::openai {

namespace {

constexpr size_t samples_per_token = 50 * samples_per_ms;
constexpr int64_t argument_interval_ms = 15;
constexpr size_t most_metadata = 16;
constexpr size_t most_metadata_key = 64;
constexpr size_t most_metadata_value = 512;

bool is_metadata(const json& value) {
  if (value.is_null())
    return true;
  if (!value.is_object() || value.size() > most_metadata)
    return false;
  const auto items = value.items();
  return std::all_of(items.begin(), items.end(), [](const auto& pair) {
    return pair.key().size() <= most_metadata_key && pair.value().is_string() &&
           pair.value().template get_ref<const std::string&>().size() <= most_metadata_value;
  });
}

} // namespace

void responder::at(int64_t delay_ms, const std::string& id, std::function<void(job&)> step) {
  core_.time.after(delay_ms, id, [this, id, step = std::move(step)] {
    const auto it = jobs_.find(id);
    if (it != jobs_.end())
      step(it->second);
  });
}

bool responder::is_text(const job& work) {
  return work.settings["output_modalities"][0] == "text";
}

bool responder::refuse(const json& body, const std::string& cause) {
  if (!is_metadata(body.value("metadata", json()))) {
    core_.fail({"invalid_value",
                "Invalid 'response.metadata': at most 16 pairs of strings, keys "
                "up to 64 and values up to 512 characters.",
                "response.metadata"},
               cause);
    return true;
  }
  for (const auto& each : body.value("input", json::array())) {
    const bool reference = each.is_object() && each.value("type", "") == "item_reference";
    if (reference && !core_.talk.find(each.value("id", ""))) {
      core_.fail({"invalid_value", "Item with item_id '" + each.value("id", "") + "' not found.",
                  "response.input"},
                 cause);
      return true;
    }
  }
  if (active_.empty() || body.value("conversation", "auto") == "none")
    return false;
  core_.fail({"conversation_already_has_active_response",
              "Conversation already has an active response in progress: " + active_ +
                  ". Wait until the response is finished before creating a new one.",
              ""},
             cause);
  return true;
}

responder::job responder::make_job(const json& body) const {
  job work;
  work.id = core_.out.new_id("resp");
  work.apart = body.value("conversation", "auto") == "none";
  work.settings = core_.config;
  json overrides = body;
  for (const char* key : {"conversation", "metadata", "input"})
    overrides.erase(key);
  merge_session(work.settings, overrides);
  const auto& limit = work.settings["max_output_tokens"];
  if (limit.is_number())
    work.samples_left = limit.get<size_t>() * samples_per_token;
  work.shape = {{"object", "realtime.response"}, {"id", work.id}};
  work.shape["status"] = "in_progress";
  work.shape["status_details"] = nullptr;
  work.shape["output"] = json::array();
  work.shape["conversation_id"] =
      work.apart ? json() : json("conv_s" + std::to_string(core_.options.number));
  work.shape["output_modalities"] = work.settings["output_modalities"];
  work.shape["max_output_tokens"] = limit;
  work.shape["audio"]["output"] = {{"format", work.settings["audio"]["output"]["format"]},
                                   {"voice", work.settings["audio"]["output"]["voice"]}};
  work.shape["usage"] = nullptr;
  work.shape["metadata"] = body.value("metadata", json());
  return work;
}

void responder::create(const json& body, const std::string& cause) {
  if (refuse(body, cause))
    return;
  auto made = make_job(body);
  const auto id = made.id;
  auto& work = jobs_.emplace(id, std::move(made)).first->second;
  if (!work.apart) {
    active_ = id;
    on_begin();
  }
  core_.out.send({{"type", "response.created"}, {"response", work.shape}});
  plan(work, choose(work, body));
}

script_line responder::choose(const job& work, const json& body) const {
  const auto instructions = body.value("instructions", std::string());
  if (work.apart)
    return choose_apart(*core_.lines, instructions + " " + work.shape["metadata"].dump());
  auto state = core_.talk.state();
  state.instructions = instructions;
  state.offers = [&](const std::string& tool) {
    const bool offered = offers(work, tool);
    if (!offered)
      core_.report["callsNotMade"].push_back(tool);
    return offered;
  };
  return choose_line(*core_.lines, state);
}

void responder::plan(job& work, const script_line& line) {
  int64_t due = core_.options.think_ms;
  if (line.failure) {
    const auto& problem = *line.failure;
    const json error = {
        {"type", problem.type}, {"code", problem.code}, {"message", problem.message}};
    core_.time.after(due, work.id, [this, id = work.id, error] {
      finish(id, "failed", {{"type", "failed"}, {"error", error}});
    });
    return;
  }
  const size_t wanted = line.says && line.says->sound ? line.says->sound->size() : 0;
  const bool cut = !is_text(work) && wanted > work.samples_left;
  if (line.says)
    due = plan_message(work, due, *line.says);
  for (const auto& call : line.calls)
    if (!cut && offers(work, call.name)) // greetings and prompts are not filtered yet
      due = plan_call(work, due, call);
  core_.time.after(due, work.id, [this, id = work.id, cut] {
    if (cut)
      finish(id, "incomplete", {{"type", "incomplete"}, {"reason", "max_output_tokens"}});
    else
      finish(id, "completed", {{"type", "completed"}});
  });
}

int64_t responder::plan_message(job& work, int64_t due, const speech& said) {
  const auto steps =
      plan_speech(said, core_.options.speed, !is_text(work), work.samples_left, core_.out);
  at(due, work.id, [this](job& now) { open_message(now); });
  int64_t end = due;
  for (const auto& step : steps) {
    end = due + step.at_ms;
    at(end, work.id, [this, said, step](job& now) { write(now, said, step); });
  }
  const bool whole = !said.sound || said.sound->size() <= work.samples_left || is_text(work);
  if (whole)
    at(end, work.id, [this](job& now) { close_item(now, "completed"); });
  return end;
}

bool responder::offers(const job& work, const std::string& tool) const {
  const auto& tools = work.settings["tools"];
  return work.settings["tool_choice"] != "none" &&
         std::any_of(tools.begin(), tools.end(),
                     [&](const json& each) { return each.value("name", "") == tool; });
}

int64_t responder::plan_call(const job& work, int64_t due, const tool_call& call) {
  at(due, work.id, [this, call](job& now) { open_call(now, call); });
  for (size_t i = 0; i < call.arguments.size();) {
    const auto piece = call.arguments.substr(i, static_cast<size_t>(core_.out.random(4, 12)));
    i += piece.size();
    due += argument_interval_ms;
    at(due, work.id, [this, piece](job& now) { write_arguments(now, piece); });
  }
  at(due, work.id, [this](job& now) { close_item(now, "completed"); });
  return due;
}

void responder::cancel(const std::string& id, const std::string& cause) {
  const auto it = jobs_.find(id.empty() ? active_ : id);
  if (it == jobs_.end()) {
    core_.fail({"response_cancel_not_active", "Cancellation failed: no active response found", ""},
               cause);
    return;
  }
  core_.report["cancels"] = core_.report.value("cancels", 0) + 1;
  const auto found = it->first;
  finish(found, "cancelled", {{"type", "cancelled"}, {"reason", "client_cancelled"}});
}

void responder::interrupt() {
  const auto id = active_;
  if (!id.empty())
    finish(id, "cancelled", {{"type", "cancelled"}, {"reason", "turn_detected"}});
}

void responder::finish(const std::string& id, const char* status, json details) {
  core_.time.cancel(id);
  auto node = jobs_.extract(id);
  if (node.empty())
    return;
  auto& work = node.mapped();
  if (work.writing)
    close_item(work, "incomplete");
  if (active_ == id)
    active_.clear();
  work.shape["status"] = status;
  work.shape["output"] = work.output;
  work.shape["usage"] = usage_of(work);
  report(work, status, details);
  work.shape["status_details"] = details["type"] == "completed" ? json() : std::move(details);
  core_.out.send({{"type", "response.done"}, {"response", work.shape}});
  const auto left = std::max<int64_t>(0, 40'000 - work.shape["usage"].value("total_tokens", 0));
  core_.time.after(40, "rate", [this, left] {
    const json tokens = {
        {"name", "tokens"}, {"limit", 40'000}, {"remaining", left}, {"reset_seconds", 0.2}};
    core_.out.send({{"type", "rate_limits.updated"}, {"rate_limits", json::array({tokens})}});
  });
  if (work.apart || std::string(status) != "completed")
    return;
  const int64_t played = work.begun_ms < 0 ? 0 : work.begun_ms + work.sound_ms;
  on_done(std::max<int64_t>(0, played - core_.time.now_ms()));
}

void responder::report(const job& work, const char* status, const json& details) {
  core_.report["responses"].push_back({{"id", work.id},
                                       {"status", status},
                                       {"reason", details.value("reason", json())},
                                       {"outOfBand", work.apart},
                                       {"metadata", work.shape["metadata"]},
                                       {"audioMs", work.sound_ms},
                                       {"output", work.output}});
}

json responder::usage_of(const job& work) const {
  auto context = core_.talk.tokens();
  const auto& instructions = work.settings["instructions"].get_ref<const std::string&>();
  context.text +=
      static_cast<int64_t>((instructions.size() + work.settings["tools"].dump().size()) / 4);
  // What this response wrote is in the conversation too, but was not in its context.
  if (!work.apart) {
    context.text -= work.produced.text;
    context.audio -= work.produced.audio;
  }
  const int64_t cached = context.text / 64 * 64;
  json usage = {
      {"total_tokens", context.text + context.audio + work.produced.text + work.produced.audio},
      {"input_tokens", context.text + context.audio},
      {"output_tokens", work.produced.text + work.produced.audio}};
  usage["input_token_details"] = {
      {"text_tokens", context.text},
      {"audio_tokens", context.audio},
      {"image_tokens", 0},
      {"cached_tokens", cached},
      {"cached_tokens_details",
       {{"text_tokens", cached}, {"audio_tokens", 0}, {"image_tokens", 0}}}};
  usage["output_token_details"] = {{"text_tokens", work.produced.text},
                                   {"audio_tokens", work.produced.audio}};
  return usage;
}

} // namespace sim::openai
