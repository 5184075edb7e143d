#pragma once

#include "tests/end_to_end/process.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace e2e {

using json = nlohmann::json;
using texts = std::vector<std::string>;
using variables = std::map<std::string, std::string>;

struct http_answer {
  int status = 0;
  std::string body;
  std::map<std::string, std::string> headers; // names in lower case
};

/// A server, a model and a carrier of a test's own, in a directory of its own; all are ended and
/// the directory is removed with it (kept, and named, when KEEP_E2E is set).
class world {
public:
  world();
  ~world();

  /// Starts the model simulator. @param options beyond port and script.
  void start_model(const texts& options = {});
  /// Starts the server, configured for this model and account. @param settings add or replace.
  void start_server(const variables& settings = {});
  /// Places calls; returns at once. Their report is `report(name)` after finish_calls().
  void start_calls(const std::string& name, const texts& options);
  /// @returns the carrier's exit code: 0 if every call went as planned.
  int finish_calls(const std::string& name, seconds patience = seconds{120});
  /// start and finish.
  int place_calls(const std::string& name, const texts& options);
  /// SIGTERM, and wait. @returns the exit code.
  int stop_server(seconds patience = seconds{60});
  int stop_model();

  json report(const std::string& name) const; ///< of the carrier
  json model_report();                        ///< ends the model simulator
  http_answer get(const std::string& target, const texts& headers = {}) const;
  http_answer post(const std::string& target, const std::string& body,
                   const texts& headers = {}) const;
  /// The value of one sample of /metrics; -1 if it is not there.
  double metric(const std::string& sample, const texts& headers = {}) const;
  /// All calls by the API, newest first, with relations.
  json calls() const;
  /// By /health; -1 if it does not say.
  int active_calls() const;
  /// Waits until there are `count` calls of which all are ended and recorded.
  bool wait_for_recordings(size_t count, seconds patience = seconds{30}) const;

  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::string url(const std::string& target) const;
  std::string server_log() const { return read_file(path("server.log")); }
  uint16_t port() const { return port_; }
  process server, model;
  std::string voice_webhook; ///< where calls are placed; empty: the server itself
  texts run_server_by;       ///< a program that runs the server, and its options; empty: none
  std::string ca_file;       ///< authority of what `get` and `post` reach by https
  std::string script = speech("conversation.json"); ///< of the model; set it before start_model()

  /// A file of tests/data/speech.
  static std::string speech(const std::string& name);
  static std::string binary(const std::string& name);

private:
  uint16_t wait_for_port(const std::string& file, process& program) const;
  http_answer request(const std::string& target, const std::string* body,
                      const texts& headers) const;

  std::string directory_;
  uint16_t port_ = 0, model_port_ = 0;
  bool model_tls_ = false;
  std::map<std::string, process> carriers_;
};

constexpr const char* account = "AC00000000000000000000000000000042";
constexpr const char* auth_token = "end-to-end-auth-token";

/// A port of 127.0.0.1 that nobody listens on now.
uint16_t free_port();

/// Options of a call of three turns each way.
texts three_turns();

} // namespace e2e
