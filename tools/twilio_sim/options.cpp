#include "tools/twilio_sim/options.hpp"

#include "tools/sim_common/audio_file.hpp"

#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>

namespace sim {

namespace {

constexpr int calls_max = 2000;
constexpr int64_t caller_wav_pause_ms = 1000; // between files of --caller-wav

using strings = std::vector<std::string>;

const std::map<std::string, end_order>& end_orders() {
  static const std::map<std::string, end_order> known{
      {"stop-close-report", end_order::stop_close_report},
      {"stop-report-close", end_order::stop_report_close},
      {"report-stop-close", end_order::report_stop_close},
      {"close-report", end_order::close_report},
      {"report-close", end_order::report_close}};
  return known;
}

/// The options as text, before they are understood.
struct raw_options {
  strings caller_wavs, say_at, turns, dtmf, gaps, bursts, params, sign_params, status_events;
  double hang_up_after_s = -1;
  double hang_up_after_turns_s = -1;
  double max_duration_s = 600;
  double abrupt_close_s = -1;
  double silent_after_s = -1;
  double second_stream_s = -1;
  double wait_server_s = 0;
  double retry_s = 0;
  double linger_s = 0;
  double turn_timeout_s = 20;
  int rest_port = -1;
  std::string stream_callbacks = "on";
  std::string end_order = "stop-close-report";
  bool expect_refused = false;
  bool expect_rejected = false;
};

int64_t ms_of(double seconds) {
  return std::llround(seconds * 1000);
}

std::optional<int64_t> optional_ms(double seconds) {
  return seconds < 0 ? std::optional<int64_t>{} : ms_of(seconds);
}

audio_clip load_clip(const std::string& file) {
  const auto samples = load_wav_8k_mono(file);
  return std::make_shared<const std::string>(encode_ulaw(samples.data(), samples.size()));
}

double number(const std::string& text, const std::string& option) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 0)) {
    throw CLI::ValidationError(option, "\"" + text + "\" is no number of 0 or more");
  }
  return value;
}

/// Splits "A:B" at the first colon.
std::pair<std::string, std::string> split(const std::string& text, const std::string& option,
                                          char separator = ':') {
  const auto at = text.find(separator);
  if (at == std::string::npos) {
    throw CLI::ValidationError(option, "\"" + text + "\" has no " + separator);
  }
  return {text.substr(0, at), text.substr(at + 1)};
}

std::vector<time_span> spans(const strings& texts, const std::string& option) {
  std::vector<time_span> out;
  for (const auto& text : texts) {
    const auto [at, length] = split(text, option);
    out.push_back({ms_of(number(at, option)), std::llround(number(length, option))});
  }
  return out;
}

form_params pairs(const strings& texts, const std::string& option) {
  form_params out;
  for (const auto& text : texts) {
    out.push_back(split(text, option, '='));
  }
  return out;
}

scripted_turn turn_of(const std::string& text) {
  scripted_turn out;
  const auto at = text.rfind('@');
  out.file = text.substr(0, at);
  if (at != std::string::npos) {
    out.interrupt_ms = std::llround(number(text.substr(at + 1), "--turns"));
  }
  out.clip = load_clip(out.file);
  return out;
}

void understand_caller(const raw_options& raw, caller_options& out) {
  int64_t at_ms = 0;
  for (const auto& file : raw.caller_wavs) {
    out.clips.push_back({at_ms, load_clip(file)});
    at_ms += static_cast<int64_t>(out.clips.back().clip->size()) / 8 + caller_wav_pause_ms;
  }
  for (const auto& text : raw.say_at) {
    const auto [at, file] = split(text, "--say-at");
    out.clips.push_back({ms_of(number(at, "--say-at")), load_clip(file)});
  }
  for (const auto& text : raw.turns) {
    out.turns.push_back(turn_of(text));
  }
  for (const auto& text : raw.dtmf) {
    const auto [at, digits] = split(text, "--dtmf");
    if (digits.empty() || digits.find_first_not_of("0123456789*#ABCD") != std::string::npos) {
      throw CLI::ValidationError("--dtmf", "\"" + digits + "\" are no digits");
    }
    out.dtmf.push_back({ms_of(number(at, "--dtmf")), digits});
  }
  out.hang_up_after_ms = optional_ms(raw.hang_up_after_s);
  out.duration_max_ms = ms_of(raw.max_duration_s);
  out.rules.timeout_ms = ms_of(raw.turn_timeout_s);
  if (raw.hang_up_after_turns_s >= 0) {
    out.rules.hang_up_ms = ms_of(raw.hang_up_after_turns_s);
  }
}

void understand(const raw_options& raw, options& out) {
  understand_caller(raw, out.caller);
  out.faults.gaps = spans(raw.gaps, "--gap");
  out.faults.bursts = spans(raw.bursts, "--burst");
  out.faults.abrupt_close_ms = optional_ms(raw.abrupt_close_s);
  out.faults.silent_after_ms = optional_ms(raw.silent_after_s);
  out.second_stream_ms = optional_ms(raw.second_stream_s);
  out.wait_server_ms = ms_of(raw.wait_server_s);
  out.retry_ms = ms_of(raw.retry_s);
  out.linger_ms = ms_of(raw.linger_s);
  out.extra_params = pairs(raw.params, "--param");
  out.sign_params = pairs(raw.sign_params, "sign");
  out.status_events = raw.status_events;
  if (raw.rest_port >= 0) {
    out.rest_port = static_cast<uint16_t>(raw.rest_port);
  }
  out.end_as = end_orders().at(raw.end_order);
  out.stream_callbacks = raw.stream_callbacks != "off";
  out.shuffle_stream_callbacks = raw.stream_callbacks == "shuffle";
  out.expected = raw.expect_refused    ? expectation::refused
                 : raw.expect_rejected ? expectation::rejected
                                       : expectation::success;
}

void add_call_options(CLI::App& app, options& out, raw_options& raw) {
  app.add_option("--url", out.url, "the voice webhook, http or https");
  app.add_option("--ca-file", out.ca_file,
                 "PEM bundle of the authorities to trust over TLS, instead of the system's")
      ->check(CLI::ExistingFile);
  app.add_option("--public-url", out.public_url,
                 "base that the server is known by; URLs under it are signed as they are and "
                 "requested at the origin of --url");
  app.add_option("--account-sid", out.account_sid, "AC and 32 hexadecimal digits")
      ->envname("TWILIO_ACCOUNT_SID");
  app.add_option("--auth-token", out.auth_token, "signs webhooks; password of the REST API")
      ->envname("TWILIO_AUTH_TOKEN");
  app.add_option("--from", out.from, "the caller's number")->default_val("+15550100001");
  app.add_option("--to", out.to, "the called number")->default_val("+15550100002");
  app.add_option("--param", raw.params, "NAME=VALUE: one more webhook parameter, or another value");
  app.add_option("--calls", out.calls, "calls at once")->check(CLI::Range(1, calls_max));
  app.add_option("--stagger-ms", out.stagger_ms, "between the starts of two calls")
      ->default_val(20);
  app.add_option("--wait-server", raw.wait_server_s, "seconds to wait for the server to listen");
  app.add_option("--retry", raw.retry_s,
                 "seconds for which a request that finds no server is made again");
  app.add_option("--status-callback", out.status_callback, "the number's StatusCallback URL");
  app.add_option("--status-events", raw.status_events, "of ringing, answered, completed")
      ->delimiter(',')
      ->default_val(strings{"answered", "completed"})
      ->check(CLI::IsMember({"ringing", "answered", "completed"}));
  app.add_flag("--shuffle-callbacks", out.shuffle_callbacks,
               "hold the status callbacks back and deliver them out of order at the end");
  app.add_option("--end-order", raw.end_order,
                 "of stop, close of the stream and the status callback; without stop: it breaks")
      ->check(CLI::IsMember(end_orders()));
  app.add_option("--stream-callbacks", raw.stream_callbacks, "to the stream's statusCallback")
      ->check(CLI::IsMember({"on", "off", "shuffle"}));
  app.add_option("--rest-port", raw.rest_port, "serve the REST Calls API on 127.0.0.1; 0: any port")
      ->check(CLI::Range(0, 65535));
  app.add_option("--rest-port-file", out.rest_port_file, "write the REST port here");
  app.add_option("--linger", raw.linger_s, "seconds the REST API stays after the last call");
  app.add_option("--second-stream-at", raw.second_stream_s,
                 "S: open another stream for the same call, with the same parameters");
  app.add_option("--report", out.report_file, "write the JSON report here");
  app.add_flag("--quiet", out.quiet, "print nothing but failures");
}

void add_caller_options(CLI::App& app, options& out, raw_options& raw) {
  app.add_option("--caller-wav", raw.caller_wavs,
                 "said from the start of the stream on, 1 s between files");
  app.add_option("--say-at", raw.say_at, "S:FILE.wav: said from second S on");
  app.add_option("--turns", raw.turns,
                 "FILE.wav[@MS],...: said in turn when the agent has fallen silent, or MS after it "
                 "began to speak")
      ->delimiter(',');
  app.add_option("--turn-gap-ms", out.caller.rules.gap_ms, "silence that ends the agent's turn")
      ->default_val(900);
  app.add_option("--turn-timeout", raw.turn_timeout_s, "seconds the agent has to speak")
      ->default_val(20);
  app.add_option("--hangup-after", raw.hang_up_after_s, "S: hang up S seconds into the stream");
  app.add_option("--hangup-after-turns", raw.hang_up_after_turns_s,
                 "S: hang up S seconds after the last answer (default 1.5)");
  app.add_option("--max-duration", raw.max_duration_s, "seconds after which a call has failed")
      ->default_val(600);
  app.add_option("--dtmf", raw.dtmf, "S:DIGITS: pressed from second S on, four a second");
  app.add_option("--record-heard", out.caller.heard_file,
                 "FILE.wav: what the caller heard; %d becomes the call's number");
  app.add_option("--record-said", out.caller.said_file, "FILE.wav: what the caller said");
}

void add_fault_options(CLI::App& app, options& out, raw_options& raw) {
  auto& faults = out.faults;
  app.add_option("--gap", raw.gaps, "S:MS: frames missing, timestamps jump");
  app.add_option("--burst", raw.bursts, "S:MS: frames withheld, then sent at once");
  app.add_option("--late-marks", faults.late_marks_ms, "MS that mark echoes are late");
  app.add_option("--abrupt-close", raw.abrupt_close_s, "S: reset the TCP connection");
  app.add_flag("--vanish", faults.vanish, "with --abrupt-close: no action, no callbacks after it");
  app.add_option("--silent-after", raw.silent_after_s, "S: send no more frames, but stay");
  app.add_flag("--no-start", faults.no_start, "connect the stream and never send start");
  app.add_flag("--bad-ticket", faults.bad_ticket, "alter the ticket (or all custom parameters)");
  app.add_flag("--bad-signature", faults.bad_signature, "wrong signatures on webhooks");
  app.add_flag("--bad-stream-signature", faults.bad_stream_signature,
               "a wrong signature on the WebSocket upgrade");
  app.add_flag("--duplicate-webhook", faults.duplicate_webhook,
               "deliver the voice webhook twice, obey the second answer");
  app.add_flag("--expect-refused", raw.expect_refused,
               "succeed only if a webhook, an upgrade or a stream was refused");
  app.add_flag("--expect-rejected", raw.expect_rejected,
               "succeed only if the TwiML opened no stream (<Reject>, or words and a hang-up)");
}

void check(const options& out) {
  if (out.auth_token.empty()) {
    throw CLI::RequiredError("--auth-token (or TWILIO_AUTH_TOKEN)");
  }
  if (!out.sign_only && (out.url.empty() || out.account_sid.empty())) {
    throw CLI::RequiredError(out.url.empty() ? "--url" : "--account-sid (or TWILIO_ACCOUNT_SID)");
  }
}

} // namespace

options parse_options(int argc, char** argv) {
  options out;
  raw_options raw;
  CLI::App app{
      "Places telephone calls as Twilio would: webhook, TwiML, media stream.\n"
      "Exit code 0: every call went as planned. 3: a call did not; the reason is printed."};
  add_call_options(app, out, raw);
  add_caller_options(app, out, raw);
  add_fault_options(app, out, raw);
  auto* sign = app.add_subcommand("sign", "print the X-Twilio-Signature of URL and parameters");
  sign->group(""); // hidden: for tests
  sign->fallthrough();
  sign->add_option("url", out.sign_url)->required();
  sign->add_option("params", raw.sign_params, "NAME=VALUE");
  try {
    app.parse(argc, argv);
    out.sign_only = sign->parsed();
    check(out);
    understand(raw, out);
  } catch (const CLI::ParseError& e) {
    std::exit(app.exit(e));
  } catch (const std::exception& e) {
    std::cerr << e.what() << '\n';
    std::exit(1);
  }
  return out;
}

} // namespace sim
