#pragma once

#include "tools/sim_common/load_talk.hpp"

#include <cstdint>
#include <string>

namespace sim::load {

enum class load_profile : uint8_t {
  steady, ///< all calls are up before anything is measured
  ramp,   ///< measured while calls are added evenly over the whole time
  burst,  ///< all calls at once, measured from the first
};

struct options {
  std::string host = "127.0.0.1"; ///< of the server's URL
  uint16_t port = 3000;
  std::string account_sid = "AC00000000000000000000000000000042";
  std::string auth_token;
  std::string api_token;
  uint16_t model_port = 0;
  std::string tls_certificate, tls_key; ///< of the model's side; empty = plain
  bool pcm16 = false;
  uint32_t calls = 10;
  double rate = 20;     ///< calls a second while they are set up
  double seconds = 20;  ///< measured
  double warm_up_s = 3; ///< between the last call's start and the measurement
  talk_pattern pattern = talk_pattern::conversation;
  load_profile profile = load_profile::steady;
  double churn = 0;          ///< further calls a second, while it measures
  double churn_s = 2;        ///< how long each of them lasts
  bool churn_random = false; ///< on average only: each as long as chance has it, ten times at most
  uint32_t crowd = 0;        ///< further calls that hang up at once, in the middle
  uint32_t faults = 0; ///< percent of the further calls: their stream or their session just breaks
  double api = 0;      ///< API requests a second
  uint32_t sse = 0;    ///< clients of the event stream
  int64_t carrier_delay_ms =
      0; ///< from the TwiML to the stream: the way through the telephone network
  int64_t model_delay_ms = 0; ///< from the upgrade to its answer: the way to the model, four times
  int server_pid = 0;         ///< 0 = its CPU and memory are not measured
  uint16_t relay_port = 0;    ///< not 0: through the relay instead of a server
  int core = -1;              ///< to run on
  std::string json;           ///< report file

  /// @returns false and an exit code when there is nothing to run.
  static bool parse(int argc, char** argv, options& out, int& exit_code);
};

} // namespace sim::load
