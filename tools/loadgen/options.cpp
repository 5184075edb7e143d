#include "tools/loadgen/options.hpp"

#include <CLI/CLI.hpp>

#include <map>

namespace sim::load {

namespace {

void add_target(CLI::App& app, options& o, std::string& url) {
  app.add_option("--url", url, "the server, http://ADDRESS:PORT")->capture_default_str();
  app.add_option("--account-sid", o.account_sid, "account of the webhooks")->capture_default_str();
  app.add_option("--auth-token", o.auth_token, "key of their signatures (TWILIO_AUTH_TOKEN)");
  app.add_option("--api-token", o.api_token, "bearer token for --api and --sse");
  app.add_option("--model-port", o.model_port,
                 "where the model listens; the server's OPENAI_REALTIME_URL names it")
      ->required();
  app.add_option("--tls-cert", o.tls_certificate, "PEM: the model speaks TLS");
  app.add_option("--tls-key", o.tls_key, "PEM");
  app.add_option("--relay-port", o.relay_port, "through bin/relay instead of a server");
  app.add_option("--server-pid", o.server_pid, "whose CPU and memory to measure");
}

void add_load(CLI::App& app, options& o) {
  const std::map<std::string, talk_pattern> patterns{{"conversation", talk_pattern::conversation},
                                                     {"always", talk_pattern::always}};
  const std::map<std::string, load_profile> profiles{{"steady", load_profile::steady},
                                                     {"ramp", load_profile::ramp},
                                                     {"burst", load_profile::burst}};
  app.add_option("--calls", o.calls, "calls at once")->check(CLI::Range(1, 100000));
  app.add_option("--rate", o.rate, "calls a second while they are set up");
  app.add_option("--seconds", o.seconds, "to measure");
  app.add_option("--warm-up", o.warm_up_s, "seconds before it measures (profile steady)");
  app.add_option("--pattern", o.pattern, "conversation, or always: both sides all the time")
      ->transform(CLI::CheckedTransformer(patterns));
  app.add_option("--profile", o.profile, "steady, ramp or burst")
      ->transform(CLI::CheckedTransformer(profiles));
  app.add_flag("--pcm16", o.pcm16, "the server converts: frames are counted, not timed");
  app.add_option("--churn", o.churn, "further short calls a second");
  app.add_option("--churn-seconds", o.churn_s, "how long each of them lasts");
  app.add_flag("--churn-random", o.churn_random,
               "each of random length, --churn-seconds on average");
  app.add_option("--crowd", o.crowd, "further calls that all hang up at once in the middle");
  app.add_option("--faults", o.faults, "percent of the further calls that break off")
      ->check(CLI::Range(0, 100));
  app.add_option("--carrier-delay", o.carrier_delay_ms, "ms from the TwiML to the stream")
      ->check(CLI::Range(0, 60000));
  app.add_option("--model-delay", o.model_delay_ms, "ms until the model answers an upgrade")
      ->check(CLI::Range(0, 60000));
  app.add_option("--api", o.api, "API requests a second beside the calls");
  app.add_option("--sse", o.sse, "event stream clients beside the calls");
  app.add_option("--core", o.core, "core to run on");
  app.add_option("--json", o.json, "file for the report as JSON");
}

bool split_url(const std::string& url, options& o) {
  const std::string scheme = "http://";
  const auto colon = url.rfind(':');
  if (url.rfind(scheme, 0) != 0 || colon < scheme.size())
    return false;
  o.host = url.substr(scheme.size(), colon - scheme.size());
  try {
    o.port = static_cast<uint16_t>(std::stoul(url.substr(colon + 1)));
  } catch (const std::exception&) {
    return false;
  }
  return o.port != 0;
}

} // namespace

bool options::parse(int argc, char** argv, options& out, int& exit_code) {
  CLI::App app{
      "Places many calls on a server, plays the model, and says how late frames came.\n"
      "Exit: 0 measured, 2 void (this program was too slow itself), 3 the server did not carry\n"
      "all calls, 1 failed.",
      "loadgen"};
  std::string url = "http://127.0.0.1:3000";
  add_target(app, out, url);
  add_load(app, out);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    exit_code = app.exit(e) == 0 ? 0 : 1;
    return false;
  }
  if (!split_url(url, out) || out.rate <= 0 || out.seconds <= 0 || out.churn < 0 ||
      out.churn_s <= 0 || out.api < 0) {
    std::cerr << "--url must be http://ADDRESS:PORT, and rates and times above 0\n";
    exit_code = 1;
    return false;
  }
  return true;
}

} // namespace sim::load
