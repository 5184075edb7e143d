#include "tools/sim_common/openai_wire.hpp"

#include <cstdio>

namespace sim::openai {

std::string wire::new_id(const std::string& prefix) {
  char tail[48];
  std::snprintf(tail, sizeof tail, "_s%d_%06llu", number_, static_cast<unsigned long long>(++ids_));
  return prefix + tail;
}

void wire::send(json event) {
  if (closed_)
    return;
  json whole = {{"type", event.at("type")}, {"event_id", new_id("event")}};
  for (auto& [key, value] : event.items())
    if (key != "type")
      whole[key] = std::move(value);
  output out;
  out.event = std::move(whole);
  waiting_.push_back(std::move(out));
}

void wire::send_error(const api_error& error, const std::string& cause) {
  json inner = {{"type", error.type}, {"code", error.code}, {"message", error.message}};
  inner["param"] = error.param.empty() ? json() : json(error.param);
  inner["event_id"] = cause.empty() ? json() : json(cause);
  send({{"type", "error"}, {"error", std::move(inner)}});
}

void wire::close(int code, const std::string& reason) {
  if (closed_)
    return;
  closed_ = true;
  output out;
  out.what = output::kind::close;
  out.close_code = code;
  out.close_reason = reason;
  waiting_.push_back(std::move(out));
}

int wire::random(int low, int high) {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 17;
  random_ ^= random_ << 5;
  return low + static_cast<int>(random_ % static_cast<uint32_t>(high - low + 1));
}

std::string wire::obfuscation() {
  std::string out(static_cast<size_t>(random(4, 16)), ' ');
  for (char& letter : out)
    letter = static_cast<char>('a' + random(0, 25));
  return out;
}

} // namespace sim::openai
