#include "tools/sim_common/openai_faults.hpp"

#include <algorithm>
#include <cstdlib>

namespace sim::openai {

namespace {

double number_of(const std::string& text, const std::string& whole) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 0) || value > 1e9)
    throw fault_error("'" + whole + "': '" + text + "' is not a number of 0 or more");
  return value;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == ':')
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}

} // namespace

fault_sessions parse_sessions(const std::string& text) {
  if (text == "*")
    return {};
  const auto whole = [&](const std::string& part) {
    const bool digits = !part.empty() && part.size() < 9 &&
                        part.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || std::atoi(part.c_str()) == 0)
      throw fault_error("'" + text + "': sessions are N, N-M, N+ or *, counted from 1");
    return std::atoi(part.c_str());
  };
  if (!text.empty() && text.back() == '+')
    return {whole(text.substr(0, text.size() - 1)), 0};
  const auto dash = text.find('-');
  if (dash == std::string::npos)
    return {whole(text), whole(text)};
  return {whole(text.substr(0, dash)), whole(text.substr(dash + 1))};
}

fault parse_fault(const std::string& text, int fields) {
  auto parts = split(text);
  const auto wanted = static_cast<size_t>(fields);
  if (parts.size() != wanted && parts.size() != wanted + 1)
    throw fault_error("'" + text + "': expected [SESSIONS:]" +
                      (fields == 2 ? "SECONDS:CODE" : "VALUE"));
  fault out;
  if (parts.size() == wanted + 1) {
    out.sessions = parse_sessions(parts.front());
    parts.erase(parts.begin());
  }
  out.value = number_of(parts[0], text);
  if (fields == 2)
    out.code = static_cast<int>(number_of(parts[1], text));
  return out;
}

std::optional<fault> fault_for(const std::vector<fault>& faults, int session) {
  const auto hit = std::find_if(faults.begin(), faults.end(),
                                [&](const fault& each) { return each.sessions.meets(session); });
  return hit == faults.end() ? std::nullopt : std::optional<fault>(*hit);
}

bool any_meets(const std::vector<fault_sessions>& list, int session) {
  return std::any_of(list.begin(), list.end(),
                     [&](const fault_sessions& each) { return each.meets(session); });
}

} // namespace sim::openai
