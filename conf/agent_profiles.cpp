#include "conf/agent_profiles.hpp"

#include "conf/built_in_tools.hpp"
#include "conf/json_fields.hpp"
#include "conf/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace switchboard::conf {

namespace {

using nlohmann::json;
namespace limits = defaults::agent;
using problems = std::vector<problem>;

json_fields::predicate prose(size_t bytes_max) {
  return [bytes_max](const std::string& text) { return text.size() <= bytes_max; };
}

std::string prose_allowed(size_t bytes_max) {
  return "text of at most " + std::to_string(bytes_max) + " bytes";
}

bool is_function_name(const std::string& text) {
  return !text.empty() && text.size() <= limits::tool_name_bytes_max &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
}

bool is_language(const std::string& text) {
  return text.size() == 2 && std::islower(static_cast<unsigned char>(text[0])) != 0 &&
         std::islower(static_cast<unsigned char>(text[1])) != 0;
}

/// Reads one file; keeps the profiles by name until the numbers are known.
class profiles_reader {
public:
  profiles_reader(const config& c, problems& into)
      : production_(c.env == environment::production), base_(built_in_profile(c)), into_(into) {}

  agent_profiles_ptr read(const json& root);

private:
  agent_profile_ptr read_profile(const std::string& name, const json& object,
                                 const std::string& path);
  void read_texts(json_fields& fields, agent_profile& into);
  void read_tools(json_fields& fields, agent_profile& into);
  void read_http_tool(const json& object, const std::string& path, agent_profile& into);
  void read_secret(json_fields& fields, http_tool& into);
  void read_transfers(json_fields& fields, agent_profile& into);
  void read_limits(json_fields& fields, agent_profile& into);
  void read_numbers(json_fields& root, agent_profiles& into);
  agent_profile_ptr named(json_fields& fields, const std::string& place, const std::string& name);

  bool production_;
  agent_profile base_;
  problems& into_;
  std::map<std::string, agent_profile_ptr> by_name_;
};

agent_profiles_ptr profiles_reader::read(const json& root) {
  json_fields fields(root, "", into_);
  auto result = std::make_shared<agent_profiles>();
  auto* profiles = fields.object("profiles");
  if (profiles == nullptr && !fields.has("profiles"))
    fields.wrong("profiles", "is missing", "an object: a profile under each name");
  if (profiles != nullptr && profiles->size() > limits::profiles_max)
    fields.wrong("profiles", "has too many entries",
                 "at most " + std::to_string(limits::profiles_max));
  if (profiles != nullptr)
    for (auto& [name, object] : profiles->items())
      by_name_[name] = read_profile(name, object, "profiles." + name);
  std::string fallback;
  fields.text(
      "default", fallback, [](auto& name) { return !name.empty(); }, "the name of a profile");
  result->fallback = fallback.empty() ? std::make_shared<agent_profile>(base_)
                                      : named(fields, "default", fallback);
  read_numbers(fields, *result);
  fields.done();
  return result;
}

void profiles_reader::read_numbers(json_fields& root, agent_profiles& into) {
  auto* numbers = root.object("numbers");
  if (numbers == nullptr)
    return;
  for (auto& [number, name] : numbers->items()) {
    const auto place = "numbers." + number;
    if (!is_e164(number))
      root.wrong(place, "is not a number in E.164 form", "+ and 2 to 15 digits");
    else if (!name.is_string())
      root.wrong(place, std::string("is an ") + name.type_name(), "the name of a profile");
    else
      into.by_number[number] = named(root, place, name.get<std::string>());
  }
}

agent_profile_ptr profiles_reader::named(json_fields& fields, const std::string& place,
                                         const std::string& name) {
  auto found = by_name_.find(name);
  if (found != by_name_.end())
    return found->second;
  std::string known;
  for (auto& [each, unused] : by_name_)
    known += (known.empty() ? "" : ", ") + each;
  fields.wrong(place, "names a profile that does not exist: " + shown(name), known);
  return std::make_shared<agent_profile>(base_);
}

agent_profile_ptr profiles_reader::read_profile(const std::string& name, const json& object,
                                                const std::string& path) {
  auto result = std::make_shared<agent_profile>(base_);
  result->name = name;
  json_fields fields(object, path, into_);
  if (!object.is_object() || !is_identifier(name)) {
    fields.wrong(path, object.is_object() ? "is no name" : "is not an object",
                 "an object under a name of letters, digits and - . _ :");
    return result;
  }
  read_texts(fields, *result);
  fields.flag("recording", result->record);
  fields.choice<barge_in>("barge_in", result->interruptions,
                          {{"on", barge_in::on},
                           {"off_during_greeting", barge_in::off_during_greeting},
                           {"off", barge_in::off}});
  fields.choice<when_full>(
      "when_full", result->at_capacity,
      {{"apology", when_full::apology}, {"reject_busy", when_full::reject_busy}});
  read_tools(fields, *result);
  read_transfers(fields, *result);
  read_limits(fields, *result);
  fields.done();
  return result;
}

void profiles_reader::read_texts(json_fields& fields, agent_profile& into) {
  const std::string identifier = "letters, digits and - . _ :";
  fields.text("instructions", into.instructions, prose(limits::instructions_bytes_max),
              prose_allowed(limits::instructions_bytes_max));
  fields.text("greeting", into.greeting, prose(limits::text_bytes_max),
              prose_allowed(limits::text_bytes_max));
  fields.text("voice", into.voice, is_identifier, identifier);
  fields.text("language", into.language, is_language, "an ISO 639-1 code, e.g. en");
  fields.text("transcription_model", into.transcription_model, is_identifier, identifier);
  fields.text("consent", into.consent, prose(limits::consent_bytes_max),
              prose_allowed(limits::consent_bytes_max));
  fields.text("fallback_number", into.fallback_number, is_e164, "a number in E.164 form");
}

void profiles_reader::read_tools(json_fields& fields, agent_profile& into) {
  auto* tools = fields.array("tools", limits::tools_max);
  if (tools == nullptr)
    return;
  into.end_call = into.send_dtmf = into.pause_recording = false; // a list says it all
  for (size_t i = 0; i < tools->size(); ++i) {
    const auto& tool = (*tools)[i];
    const auto place = fields.at("tools") + "[" + std::to_string(i) + "]";
    if (tool.is_object())
      read_http_tool(tool, place, into);
    else if (tool == "end_call")
      into.end_call = true;
    else if (tool == "send_dtmf")
      into.send_dtmf = true;
    else if (tool == "pause_recording")
      into.pause_recording = true;
    else
      fields.wrong(place, "is no tool: " + shown(tool.dump()),
                   "\"end_call\", \"send_dtmf\", \"pause_recording\", or an object that describes "
                   "an HTTP tool "
                   "(transfer_call comes with \"transfers\")");
  }
}

void profiles_reader::read_http_tool(const json& object, const std::string& path,
                                     agent_profile& into) {
  http_tool tool;
  json_fields fields(object, path, into_);
  for (auto* needed : {"name", "url"})
    if (!fields.has(needed))
      fields.wrong(fields.at(needed), "is missing", "a text");
  const auto is_free = [&](const std::string& name) {
    return is_function_name(name) && !is_built_in_tool(name) &&
           std::none_of(into.tools.begin(), into.tools.end(),
                        [&](auto& other) { return other.name == name; });
  };
  fields.text("name", tool.name, is_free, "a name of its own: at most 64 letters, digits, _ and -");
  fields.text("description", tool.description, prose(limits::text_bytes_max),
              prose_allowed(limits::text_bytes_max));
  const auto is_tool_url = [this](const std::string& text) {
    auto parts = parse_url(text);
    return parts && (parts->scheme == "https" || (parts->scheme == "http" && !production_)) &&
           parts->path.find('#') == std::string_view::npos;
  };
  fields.text("url", tool.url, is_tool_url,
              production_ ? "https://HOST/..." : "https://HOST/... or http://HOST/...");
  tool.parameters_json = R"({"type":"object","properties":{}})";
  if (auto* schema = fields.object("parameters")) {
    tool.parameters_json = schema->dump(-1, ' ', false, json::error_handler_t::replace);
    if (tool.parameters_json.size() > limits::schema_bytes_max ||
        schema->value("type", json()) != "object")
      fields.wrong(fields.at("parameters"), "is not the schema of an object, or too long",
                   "a JSON Schema with \"type\": \"object\" of at most " +
                       std::to_string(limits::schema_bytes_max) + " bytes");
  }
  fields.number("timeout_ms", tool.timeout_ms, limits::tool_timeout_ms_min,
                limits::tool_timeout_ms_max);
  fields.flag("idempotent", tool.idempotent);
  read_secret(fields, tool);
  fields.done();
  into.tools.push_back(std::move(tool));
}

void profiles_reader::read_secret(json_fields& fields, http_tool& into) {
  std::string path;
  const bool both = fields.has("secret") && fields.has("secret_file");
  if (both)
    fields.wrong(fields.at("secret"), "stands beside secret_file", "one of the two");
  // The value is never shown, so it is not read as other texts are.
  fields.text(
      "secret_file", path, [](auto& text) { return !text.empty(); }, "the path of a file");
  fields.secret("secret", into.secret, limits::secret_bytes_max);
  if (path.empty() || both)
    return;
  auto content = read_small_file(path, limits::secret_bytes_max);
  if (content.text) {
    into.secret = *content.text;
    while (!into.secret.empty() && (into.secret.back() == '\n' || into.secret.back() == '\r'))
      into.secret.pop_back();
  }
  if (into.secret.empty())
    fields.wrong(fields.at("secret_file"), content.text ? "is empty" : content.what(),
                 "a file that can be read and holds the secret");
}

void profiles_reader::read_transfers(json_fields& fields, agent_profile& into) {
  auto* targets = fields.object("transfers");
  if (targets == nullptr)
    return;
  if (targets->size() > limits::transfers_max)
    fields.wrong(fields.at("transfers"), "has too many entries",
                 "at most " + std::to_string(limits::transfers_max));
  for (auto& [name, number] : targets->items()) {
    const auto place = fields.at("transfers") + "." + name;
    if (!is_function_name(name))
      fields.wrong(place, "is no name", "at most 64 letters, digits, _ and -");
    else if (!number.is_string() || !is_e164(number.get_ref<const std::string&>()))
      fields.wrong(place, "is " + shown(number.dump()), "a number in E.164 form");
    else
      into.transfers.push_back({name, number.get<std::string>()});
  }
}

void profiles_reader::read_limits(json_fields& fields, agent_profile& into) {
  auto* object = fields.object("limits");
  if (object == nullptr)
    return;
  json_fields inner(*object, fields.at("limits"), into_);
  inner.number("call_s", into.limits.call_s, 0, limits::limit_s_max);
  inner.number("idle_caller_s", into.limits.idle_caller_s, 0, limits::limit_s_max);
  inner.number("model_silence_s", into.limits.model_silence_s, 0, limits::limit_s_max);
  inner.number("model_s", into.limits.model_s, 0, limits::limit_s_max);
  inner.done();
}

} // namespace

const agent_profile_ptr& agent_profiles::of(const std::string& called_number) const {
  auto found = by_number.find(called_number);
  return found == by_number.end() ? fallback : found->second;
}

agent_profile built_in_profile(const config& c) {
  agent_profile result;
  result.name = c.agent_name;
  result.instructions = c.agent_instructions;
  result.greeting = c.agent_greeting;
  result.voice = c.openai_voice;
  result.transcription_model = c.openai_transcription_model;
  result.interruptions = c.interruptions;
  return result;
}

agent_profiles_ptr parse_agent_profiles(const std::string& text, const config& c,
                                        std::vector<problem>& problems) {
  const size_t before = problems.size();
  bool too_deep = false;
  const auto watch = [&](int depth, json::parse_event_t, json&) {
    too_deep |= depth > limits::json_depth_max;
    return !too_deep; // what is dropped is not nested any deeper
  };
  const auto root = json::parse(text, watch, false, true);
  if (too_deep || !root.is_object()) {
    problems.push_back({"AGENT_PROFILES", too_deep ? "is nested too deeply" : "is not JSON",
                        "a JSON object with \"profiles\""});
    return nullptr;
  }
  auto result = profiles_reader(c, problems).read(root);
  return problems.size() == before ? result : nullptr;
}

agent_profiles_ptr load_agent_profiles(const config& c, std::vector<problem>& problems) {
  if (c.agent_profiles_file.empty()) {
    auto result = std::make_shared<agent_profiles>();
    result->fallback = std::make_shared<agent_profile>(built_in_profile(c));
    return result;
  }
  auto content = read_small_file(c.agent_profiles_file, limits::file_bytes_max);
  if (content.text)
    return parse_agent_profiles(*content.text, c, problems);
  problems.push_back({"AGENT_PROFILES", shown(c.agent_profiles_file) + " " + content.what(),
                      "a file that can be read"});
  return nullptr;
}

} // namespace switchboard::conf
