#include "tools/sim_common/openai_conversation.hpp"

#include <algorithm>

namespace sim::openai {

namespace {

constexpr int64_t characters_per_token = 4;
constexpr int64_t user_ms_per_token = 100;
constexpr int64_t model_ms_per_token = 50;

bool is_type(const item& it, const char* type) {
  return it.shape.at("type") == type;
}

} // namespace

bool item::is_message(const char* role) const {
  return shape.at("type") == "message" && shape.at("role") == role;
}

json conversation::append(item_ptr added) {
  auto before = last_id();
  items_.push_back(std::move(added));
  return before;
}

bool conversation::insert_after(const std::string& previous, item_ptr added) {
  if (previous == "root") {
    items_.insert(items_.begin(), std::move(added));
    return true;
  }
  const auto it = std::find_if(items_.begin(), items_.end(),
                               [&](const item_ptr& each) { return each->id() == previous; });
  if (it == items_.end())
    return false;
  items_.insert(std::next(it), std::move(added));
  return true;
}

item_ptr conversation::find(const std::string& id) const {
  const auto it = std::find_if(items_.begin(), items_.end(),
                               [&](const item_ptr& each) { return each->id() == id; });
  return it == items_.end() ? nullptr : *it;
}

bool conversation::erase(const std::string& id) {
  const auto it = std::find_if(items_.begin(), items_.end(),
                               [&](const item_ptr& each) { return each->id() == id; });
  if (it == items_.end())
    return false;
  items_.erase(it);
  return true;
}

json conversation::previous_of(const std::string& id) const {
  json before;
  for (const auto& each : items_) {
    if (each->id() == id)
      return before;
    before = each->id();
  }
  return nullptr;
}

json conversation::last_id() const {
  return items_.empty() ? json() : json(items_.back()->id());
}

size_t conversation::user_turns() const {
  return static_cast<size_t>(std::count_if(items_.begin(), items_.end(), [](const item_ptr& each) {
    return each->is_message("user") && !each->silent;
  }));
}

bool conversation::has_call(const std::string& call_id) const {
  return std::any_of(items_.begin(), items_.end(), [&](const item_ptr& each) {
    return is_type(*each, "function_call") && each->shape.at("call_id") == call_id;
  });
}

dialogue conversation::state() const {
  dialogue out;
  for (const auto& each : items_) {
    if (each->is_message("user") && !each->silent) {
      ++out.user_turns;
      out.answered = out.called = out.tool_output = false;
    } else if (each->is_message("assistant")) {
      out.any_assistant = true;
      out.answered = out.answered || each->shape.value("status", "completed") == "completed";
    } else if (is_type(*each, "function_call")) {
      out.called = true;
    } else if (is_type(*each, "function_call_output")) {
      out.tool_output = true;
      out.answered = false;
    }
  }
  return out;
}

token_count conversation::tokens() const {
  token_count sum;
  for (const auto& each : items_) {
    const auto count = tokens_of(*each);
    sum.text += count.text;
    sum.audio += count.audio;
  }
  return sum;
}

token_count tokens_of(const item& counted) {
  token_count out;
  const bool mine = counted.is_message("assistant");
  out.audio = counted.sound_ms() / (mine ? model_ms_per_token : user_ms_per_token);
  size_t characters = 0;
  for (const char* key : {"arguments", "output", "name"})
    if (counted.shape.contains(key))
      characters += counted.shape[key].get<std::string>().size();
  if (counted.shape.contains("content"))
    for (const auto& part : counted.shape["content"])
      for (const char* key : {"text", "transcript"})
        if (part.contains(key) && part[key].is_string())
          characters += part[key].get<std::string>().size();
  out.text = static_cast<int64_t>(characters + characters_per_token - 1) / characters_per_token;
  return out;
}

} // namespace sim::openai
