#include "conf/built_in_tools.hpp"

#include "conf/defaults/tools.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace switchboard::conf {

namespace {

using nlohmann::json;

constexpr const char* end_call_text =
    "Ends the phone call. Say goodbye first, in the same response; the caller hears it to its end.";
constexpr const char* send_dtmf_text =
    "Presses keys of the phone, for menus of machines. The caller hears nothing meanwhile.";
constexpr const char* transfer_text =
    "Hands the caller over to a person. Tell the caller first, in the same response; you leave the "
    "call then.";

constexpr const char* pause_text =
    "Pauses the recording of the call. Call it right before the caller is to say what must not be "
    "kept, such as the number of a card.";
constexpr const char* resume_text =
    "Goes on with the recording of the call, after pause_recording, as soon as the caller has said "
    "what must not be kept.";
constexpr const char* no_parameters = R"({"type":"object","properties":{}})";

json object_schema(const char* name, json of) {
  json schema;
  schema["type"] = "object";
  schema["properties"][name] = std::move(of);
  schema["required"] = {name};
  return schema;
}

std::string transfer_schema(const agent_profile& profile) {
  json targets = json::array();
  for (auto& target : profile.transfers)
    targets.push_back(target.name);
  return object_schema("target", {{"type", "string"}, {"enum", std::move(targets)}}).dump();
}

} // namespace

std::vector<tool_declaration> tools_of(const agent_profile& profile) {
  std::vector<tool_declaration> result;
  if (profile.end_call)
    result.push_back({"end_call", end_call_text, no_parameters});
  if (profile.send_dtmf)
    result.push_back({"send_dtmf", send_dtmf_text,
                      object_schema("digits", {{"type", "string"},
                                               {"description", "0-9 * #; w pauses half a second"}})
                          .dump()});
  if (profile.pause_recording) {
    result.push_back({"pause_recording", pause_text, no_parameters});
    result.push_back({"resume_recording", resume_text, no_parameters});
  }
  if (!profile.transfers.empty())
    result.push_back({"transfer_call", transfer_text, transfer_schema(profile)});
  for (auto& tool : profile.tools)
    result.push_back({tool.name, tool.description, tool.parameters_json});
  return result;
}

std::optional<std::string> text_argument(const std::string& arguments_json, const char* name) {
  if (arguments_json.size() > defaults::tools::arguments_bytes_max)
    return std::nullopt;
  const auto arguments = json::parse(arguments_json, nullptr, false);
  if (!arguments.is_object())
    return std::nullopt;
  auto found = arguments.find(name);
  if (found == arguments.end() || !found->is_string())
    return std::nullopt;
  return found->get<std::string>();
}

bool is_built_in_tool(const std::string& name) {
  static const std::array<const char*, 5> ours = {"end_call", "send_dtmf", "pause_recording",
                                                  "resume_recording", "transfer_call"};
  return std::any_of(ours.begin(), ours.end(), [&](const char* each) { return name == each; });
}

bool is_dtmf(const std::string& digits) {
  return !digits.empty() && digits.size() <= defaults::tools::digits_max &&
         digits.find_first_not_of("0123456789*#wW") == std::string::npos;
}

} // namespace switchboard::conf
