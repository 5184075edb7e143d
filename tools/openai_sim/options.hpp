#pragma once

#include "tools/sim_common/openai_core.hpp"
#include "tools/sim_common/openai_faults.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace sim::openai {

/// What the command line of openai-sim says.
struct options {
  std::string host = "127.0.0.1";
  uint16_t port = 0; ///< 0 = chosen by the system.
  std::string port_file;
  std::string tls_cert;
  std::string tls_key;
  std::string api_key; ///< Empty = any key is right.
  std::string log_file;
  std::string report_file;
  std::string record_dir;
  std::shared_ptr<const script> lines;
  session_options session; ///< For every session; number, model and start are set for each.
  fault_plan faults;
};

/// Reads the command line.
/// @returns -1 to go on, else the process's exit code: the help or what is wrong was printed.
int parse_options(int argc, char** argv, options& out);

} // namespace sim::openai
