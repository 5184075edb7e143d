#include "actors/tool_calls.hpp"

#include "conf/defaults/tools.hpp"

#include <algorithm>

namespace switchboard::actors {

namespace limits = defaults::tools;

namespace {

/// Cut at a character's start, and said so: a JSON text that ends in its midst misleads nobody.
std::string cut_output(std::string output) {
  if (output.size() <= limits::output_bytes_max)
    return output;
  size_t end = limits::output_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(output[end]) & 0xC0) == 0x80)
    --end;
  output.resize(end);
  return output += " [cut: the output is too long]";
}

} // namespace

tool_exchange bounded(tool_exchange exchange) {
  if (exchange.arguments_json.size() > limits::arguments_bytes_max)
    exchange.arguments_json = "{}"; // cut arguments would be no JSON
  exchange.output = cut_output(std::move(exchange.output));
  return exchange;
}

size_t tool_calls::pending() const {
  size_t count = 0;
  for (auto& each : batches_)
    count += each.calls.size();
  return count;
}

void tool_calls::on_item(const std::string& response_id, function_call call, bool completed) {
  if (!completed || call.call_id.empty())
    return;
  auto found = std::find_if(batches_.begin(), batches_.end(), [&](auto& each) {
    return each.response_id == response_id && !each.closed;
  });
  const size_t waiting = pending();
  if (waiting >= limits::remembered_max)
    return; // a model that floods us gets no answer; it goes on without
  if (found == batches_.end()) {
    batches_.push_back({response_id, {}, false});
    found = batches_.end() - 1;
  }
  entry fresh;
  fresh.exchange = {
      std::move(call.call_id), std::move(call.name), std::move(call.arguments_json), {}};
  const char* refusal = nullptr;
  if (waiting >= limits::pending_max)
    refusal = R"({"error":"too many tools at once"})";
  else if (fresh.exchange.arguments_json.size() > limits::arguments_bytes_max)
    refusal = R"({"error":"the arguments are too long"})";
  if (refusal != nullptr) {
    fresh.exchange.arguments_json = "{}";
    fresh.exchange.output = refusal;
    fresh.answered = true;
  }
  found->calls.push_back(std::move(fresh));
}

std::vector<function_call> tool_calls::on_response_done(const std::string& response_id) {
  std::vector<function_call> due;
  for (auto& each : batches_) {
    if (each.response_id != response_id || each.closed)
      continue;
    each.closed = true;
    for (auto& call : each.calls) {
      if (!call.answered)
        due.push_back({call.exchange.call_id, call.exchange.name, call.exchange.arguments_json});
    }
  }
  return due;
}

std::vector<tool_exchange> tool_calls::on_output(const std::string& call_id, std::string output) {
  for (auto& each : batches_) {
    for (auto& call : each.calls) {
      if (call.exchange.call_id != call_id || call.answered)
        continue;
      call.exchange.output = cut_output(std::move(output));
      call.answered = true;
      return take_answered();
    }
  }
  return {};
}

bool tool_calls::knows(const std::string& call_id) const {
  return std::any_of(batches_.begin(), batches_.end(), [&](const batch& each) {
    return std::any_of(each.calls.begin(), each.calls.end(),
                       [&](const entry& call) { return call.exchange.call_id == call_id; });
  });
}

std::vector<tool_exchange> tool_calls::take_answered() {
  auto done = std::find_if(batches_.begin(), batches_.end(), [](auto& each) {
    return each.closed && std::all_of(each.calls.begin(), each.calls.end(),
                                      [](auto& call) { return call.answered; });
  });
  if (done == batches_.end())
    return {};
  return take(done);
}

std::vector<tool_exchange> tool_calls::take(std::vector<batch>::iterator done) {
  std::vector<tool_exchange> result;
  for (auto& call : done->calls)
    result.push_back(std::move(call.exchange));
  batches_.erase(done);
  return result;
}

std::vector<tool_exchange> tool_calls::abandon() {
  std::vector<tool_exchange> result;
  for (auto& each : batches_)
    for (auto& call : each.calls)
      if (call.answered)
        result.push_back(std::move(call.exchange));
  batches_.clear();
  return result;
}

} // namespace switchboard::actors
