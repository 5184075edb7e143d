#include "tools/openai_sim/options.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace sim::openai {

namespace {

constexpr const char* description =
    "Simulates the OpenAI Realtime API (WebSocket) with scripted speech.\n"
    "Fault switches name sessions as N, N-M, N+ or * (counted from 1 at accept); each may be "
    "given several times.";

constexpr const char* footer = R"(
Script (JSON; WAV names relative to it; "wav" may be left out: a hum stands in):
  {"greeting": {"wav", "text"},
   "turns": [{"hears": "what transcription reports", "hears_after_ms"?, "transcription_fails"?,
              "before"?: {"wav", "text"},      said in the response that calls the tools
              "tool"?: {"name", "arguments"},  or "tools": [...]; only those the session offers
              "says"?: {"wav", "text"},        the answer; after the tools' outputs
              "fails"?: {"type", "code", "message"}}],
   "otherwise": {turn},                        beyond the last turn
   "prompts": [{"match", "wav", "text", "tool"}],   for response.create with such instructions
   "out_of_band": [{"match", "text"}]}         for conversation "none": instructions or metadata
Turns are counted by the user messages in the conversation, replayed ones included.
SIGTERM or SIGINT writes the report and ends with exit code 0.)";

/// The switches as typed, before they are read.
struct typed_faults {
  std::vector<std::string> drop, close, garbage, stall, slow, status, refuse, silent, quota;
};

void add_faults(CLI::App& app, typed_faults& typed) {
  const auto many = [&](const char* name, std::vector<std::string>& to, const char* help) {
    app.add_option(name, to, help)->group("Faults")->expected(1)->take_all();
  };
  many("--drop-after", typed.drop, "[N:]S  cut the TCP connection S seconds after session.updated");
  many("--close-after", typed.close, "[N:]S:CODE  likewise, with a close frame");
  many("--garbage", typed.garbage, "[N:]S  likewise, send garbage text and a binary frame");
  many("--stall", typed.stall, "[N:]S  likewise, stop reading and writing");
  many("--slow", typed.slow, "[N:]MS  send every event MS later");
  many("--http-status", typed.status, "[N:]STATUS  answer the upgrade with it");
  many("--refuse", typed.refuse, "N  close at accept");
  many("--silent", typed.silent, "N  accept and never answer");
  many("--quota", typed.quota, "N  error insufficient_quota after session.created, then close");
}

fault_plan read_faults(const typed_faults& typed) {
  fault_plan plan;
  const auto each = [](const std::vector<std::string>& from, std::vector<fault>& to, int fields) {
    for (const auto& text : from)
      to.push_back(parse_fault(text, fields));
  };
  each(typed.drop, plan.drop_after, 1);
  each(typed.close, plan.close_after, 2);
  each(typed.garbage, plan.garbage, 1);
  each(typed.stall, plan.stall, 1);
  each(typed.slow, plan.slow, 1);
  each(typed.status, plan.http_status, 1);
  for (const auto& text : typed.refuse)
    plan.refuse.push_back(parse_sessions(text));
  for (const auto& text : typed.silent)
    plan.silent.push_back(parse_sessions(text));
  for (const auto& text : typed.quota)
    plan.quota.push_back(parse_sessions(text));
  return plan;
}

void add_session(CLI::App& app, session_options& session, double& expiry_s, std::string& spoken) {
  const auto most_ms = CLI::Range(0, 600'000);
  app.add_option("--dialect", spoken, "Shapes of the events")
      ->check(CLI::IsMember({"ga", "beta"}))
      ->capture_default_str();
  app.add_option("--speed", session.speed, "Audio leaves this much faster than it plays")
      ->check(CLI::Range(0.1, 1000.0))
      ->capture_default_str();
  app.add_option("--setup-ms", session.setup_ms, "From the upgrade to session.created")
      ->check(most_ms)
      ->capture_default_str();
  app.add_option("--think-ms", session.think_ms, "From response.created to the first output")
      ->check(most_ms)
      ->capture_default_str();
  app.add_option("--transcript-delay-ms", session.transcript_delay_ms,
                 "From the end of a turn to its transcription")
      ->check(most_ms)
      ->capture_default_str();
  app.add_option("--error-delay-ms", session.error_delay_ms, "Errors come this much later")
      ->check(most_ms)
      ->capture_default_str();
  app.add_option("--expiry-s", expiry_s, "Life of a session")
      ->check(CLI::Range(0.001, 1e6))
      ->capture_default_str();
}

} // namespace

int parse_options(int argc, char** argv, options& out) {
  CLI::App app(description, "openai-sim");
  app.footer(footer);
  std::string script_file;
  std::string spoken = "ga";
  double expiry_s = 3600;
  typed_faults typed;
  app.add_option("--host", out.host, "Address to listen on")->capture_default_str();
  app.add_option("--port", out.port, "0 = any free port")->capture_default_str();
  app.add_option("--port-file", out.port_file, "File to write the port into");
  app.add_option("--script", script_file, "What the model hears and says")
      ->check(CLI::ExistingFile);
  auto* cert = app.add_option("--tls-cert", out.tls_cert, "PEM file: serve TLS (wss)");
  auto* key = app.add_option("--tls-key", out.tls_key, "PEM file of its key")->needs(cert);
  cert->needs(key);
  app.add_option("--api-key", out.api_key, "The only right key (default: any)");
  app.add_option("--log", out.log_file, "File for all events, one JSON object a line");
  app.add_option("--report", out.report_file, "File for the report (JSON)");
  app.add_option("--record-dir", out.record_dir, "Folder for session-N.wav: the audio heard")
      ->check(CLI::ExistingDirectory);
  add_session(app, out.session, expiry_s, spoken);
  add_faults(app, typed);
  try {
    app.parse(argc, argv);
    out.faults = read_faults(typed);
    out.lines = std::make_shared<const script>(script_file.empty() ? default_script()
                                                                   : load_script(script_file));
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "openai-sim: %s\n", problem.what());
    return 1;
  }
  out.session.expiry_ms = static_cast<int64_t>(expiry_s * 1000);
  out.session.spoken = spoken == "beta" ? dialect::beta : dialect::ga;
  out.session.keep_audio = !out.record_dir.empty();
  return -1;
}

} // namespace sim::openai
