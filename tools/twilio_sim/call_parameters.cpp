#include "tools/twilio_sim/call_parameters.hpp"

#include <openssl/rand.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <stdexcept>

namespace sim {

namespace {

void set(form_params& params, const std::string& name, const std::string& value) {
  for (auto& [key, old] : params) {
    if (key == name) {
      old = value;
      return;
    }
  }
  params.emplace_back(name, value);
}

const char* sip_response(const std::string& status) {
  if (status == "completed") {
    return "200";
  }
  return status == "busy" ? "486" : "603";
}

} // namespace

form_params call_parameters(const options& config, const std::string& call_sid,
                            const std::string& call_status) {
  form_params out{{"AccountSid", config.account_sid},
                  {"ApiVersion", "2010-04-01"},
                  {"CallSid", call_sid},
                  {"CallStatus", call_status},
                  {"Called", config.to},
                  {"CalledCity", "SPRINGFIELD"},
                  {"CalledCountry", "US"},
                  {"CalledState", "IL"},
                  {"CalledZip", "62701"},
                  {"Caller", config.from},
                  {"CallerCity", "SAN JOS\xC3\x89"},
                  {"CallerCountry", "US"},
                  {"CallerState", "CA"},
                  {"CallerZip", ""},
                  {"Direction", "inbound"},
                  {"From", config.from},
                  {"FromCity", "SAN JOS\xC3\x89"},
                  {"FromCountry", "US"},
                  {"FromState", "CA"},
                  {"FromZip", ""},
                  {"StirVerstat", "TN-Validation-Passed-A"},
                  {"To", config.to},
                  {"ToCity", "SPRINGFIELD"},
                  {"ToCountry", "US"},
                  {"ToState", "IL"},
                  {"ToZip", "62701"}};
  for (const auto& [name, value] : config.extra_params) {
    set(out, name, value);
  }
  return out;
}

form_params status_parameters(const std::string& call_status, int sequence, double duration_s) {
  form_params out{{"CallbackSource", "call-progress-events"},
                  {"SequenceNumber", std::to_string(sequence)},
                  {"Timestamp", rfc2822_now()}};
  if (duration_s >= 0) {
    const auto seconds = static_cast<long>(std::ceil(duration_s));
    out.emplace_back("CallDuration", std::to_string(seconds));
    out.emplace_back("SipResponseCode", sip_response(call_status));
    if (call_status == "completed") {
      out.emplace_back("Duration", std::to_string((seconds + 59) / 60)); // billed minutes
    }
  }
  return out;
}

std::string make_sid(const char* prefix) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) {
    throw std::runtime_error("no random numbers");
  }
  std::string out{prefix};
  for (auto byte : bytes) {
    char hex[3];
    std::snprintf(hex, sizeof hex, "%02x", byte);
    out += hex;
  }
  return out;
}

std::string rfc2822_now() {
  const auto now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &utc);
  return text;
}

std::string iso8601_now() {
  using namespace std::chrono;
  const auto since = system_clock::now().time_since_epoch();
  const auto ms = duration_cast<milliseconds>(since).count();
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  const auto length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + length, sizeof text - length, ".%03dZ", static_cast<int>(ms % 1000));
  return text;
}

} // namespace sim
