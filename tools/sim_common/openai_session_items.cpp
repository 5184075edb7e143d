// The conversation.item.* events of a session. (The rest is openai_session.cpp.)
#include "tools/sim_common/base64.hpp"
#include "tools/sim_common/openai_session.hpp"

namespace sim::openai {

namespace {

/// The content types that a role may have.
bool fits_role(const std::string& role, const std::string& type) {
  if (role == "assistant")
    return type == "output_text";
  if (role == "system")
    return type == "input_text";
  return type != "output_text";
}

std::string text_of(const json& shape) {
  std::string text;
  for (const auto& part : shape["content"])
    if (part.contains("text"))
      text += part["text"].get<std::string>();
  return text;
}

} // namespace

bool session::refuse_item(const json& shape, const std::string& cause) {
  api_error problem{"invalid_value", "", "item"};
  if (shape.contains("id") && core_.talk.find(shape["id"])) {
    problem.message = "Item with id '" + shape["id"].get<std::string>() + "' already exists.";
    problem.param = "item.id";
  } else if (shape["type"] == "function_call_output" &&
             !core_.talk.has_call(shape["call_id"].get<std::string>())) {
    problem.code = "invalid_tool_call_id";
    problem.message =
        "Tool call ID '" + shape["call_id"].get<std::string>() + "' not found in conversation.";
    problem.param = "item.call_id";
  } else if (shape["type"] == "message") {
    const auto role = shape["role"].get<std::string>();
    const auto& content = shape["content"];
    for (size_t i = 0; i < content.size() && problem.message.empty(); ++i) {
      const auto type = content[i]["type"].get<std::string>();
      if (fits_role(role, type))
        continue;
      problem.param = "item.content[" + std::to_string(i) + "].type";
      problem.message = "Invalid value: '" + type + "'. Supported values are: '" +
                        (role == "assistant" ? "output_text" : "input_text") + "'.";
    }
  }
  if (problem.message.empty())
    return false;
  core_.fail(problem, cause);
  return true;
}

void session::create_item(const json& event, const std::string& cause) {
  if (refuse_item(event["item"], cause))
    return;
  auto added = std::make_shared<item>();
  const auto& given = event["item"];
  added->shape["id"] = given.contains("id") ? given["id"] : json(core_.out.new_id("item"));
  added->shape["object"] = "realtime.item";
  added->shape["type"] = given["type"];
  added->shape["status"] = "completed";
  for (const auto& [key, value] : given.items())
    if (!added->shape.contains(key))
      added->shape[key] = value;
  if (given["type"] == "function_call" && !given.contains("call_id"))
    added->shape["call_id"] = core_.out.new_id("call");
  const auto previous = event.value("previous_item_id", json());
  if (previous.is_null()) {
    core_.talk.append(added);
  } else if (!core_.talk.insert_after(previous, added)) {
    core_.fail({"invalid_value",
                "Previous item with id '" + previous.get<std::string>() + "' not found.",
                "previous_item_id"},
               cause);
    return;
  }
  if (given["type"] == "message")
    core_.report["history"].push_back({{"role", given["role"]}, {"text", text_of(given)}});
  else if (given["type"] == "function_call_output")
    core_.report["toolOutputs"].push_back(
        {{"callId", given["call_id"]}, {"output", given["output"]}});
  const auto before = core_.talk.previous_of(added->id());
  for (const char* type : {"conversation.item.added", "conversation.item.done"})
    core_.out.send({{"type", type}, {"previous_item_id", before}, {"item", added->shape}});
}

item_ptr session::find_item(const json& event, const char* verb, const std::string& cause) {
  const auto id = event["item_id"].get<std::string>();
  auto found = core_.talk.find(id);
  if (!found)
    core_.fail({std::string("item_") + verb + "_invalid_item_id",
                "Error processing conversation.item." + std::string(verb) + ": the item with id '" +
                    id + "' does not exist.",
                "item_id"},
               cause);
  return found;
}

void session::retrieve(const json& event, const std::string& cause) {
  const auto found = find_item(event, "retrieve", cause);
  if (!found)
    return;
  auto shape = found->shape;
  if (!found->sound.empty() && !shape["content"].empty()) {
    const char* side = found->is_message("assistant") ? "output" : "input";
    const auto kind = codec_of(core_.config["audio"][side]["format"]);
    shape["content"][0]["audio"] =
        encode_base64(encode_audio(kind, found->sound, 0, found->sound.size()));
  }
  core_.out.send({{"type", "conversation.item.retrieved"}, {"item", std::move(shape)}});
}

void session::truncate(const json& event, const std::string& cause) {
  const auto found = find_item(event, "truncate", cause);
  if (!found)
    return;
  const auto end_ms = event["audio_end_ms"].get<int64_t>();
  const bool spoken = found->is_message("assistant") && !found->shape["content"].empty() &&
                      found->shape["content"][0]["type"] == "output_audio";
  const bool cut = spoken && end_ms <= found->sound_ms();
  core_.report["truncations"].push_back({{"item", found->id()},
                                         {"audioEndMs", end_ms},
                                         {"hadMs", found->sound_ms()},
                                         {"accepted", cut}});
  if (!spoken) {
    core_.fail({"invalid_value", "Only model output audio messages can be truncated", "item_id"},
               cause);
    return;
  }
  if (!cut) {
    core_.fail({"invalid_value",
                "Audio content of " + std::to_string(found->sound_ms()) +
                    "ms is already shorter than " + std::to_string(end_ms) + "ms",
                "audio_end_ms"},
               cause);
    return;
  }
  found->sound.resize(static_cast<size_t>(end_ms) * samples_per_ms);
  found->shape["content"][0]["transcript"] = ""; // the model forgets all it said in this item
  core_.out.send({{"type", "conversation.item.truncated"},
                  {"item_id", found->id()},
                  {"content_index", event["content_index"]},
                  {"audio_end_ms", end_ms}});
}

void session::erase(const json& event, const std::string& cause) {
  if (!find_item(event, "delete", cause))
    return;
  core_.talk.erase(event["item_id"].get<std::string>());
  core_.out.send({{"type", "conversation.item.deleted"}, {"item_id", event["item_id"]}});
}

} // namespace sim::openai
