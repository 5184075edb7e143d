#include "conf/config.hpp"

#include "conf/agent_profiles.hpp"
#include "conf/defaults/conf.hpp"
#include "conf/reader.hpp"
#include "conf/rules.hpp"
#include "conf/text.hpp"

#include <cctype>

namespace switchboard::conf {

namespace {

namespace limits = switchboard::defaults::conf;

bool is_printable(const std::string& text) {
  return !has_control(text);
}

bool is_path(const std::string& text) {
  return !has_control(text);
}

bool is_host(const std::string& text) {
  return text == "localhost" || is_ip_address(text);
}

bool is_account_sid(const std::string& text) {
  if (text.size() != 34 || text.compare(0, 2, "AC") != 0)
    return false;
  for (unsigned char c : text.substr(2))
    if (!std::isxdigit(c))
      return false;
  return true;
}

/// A URL of one of two schemes. User information is refused by parse_url, so that a password in
/// a URL is neither used nor shown.
void read_url(reader& in, const std::string& name, std::string& target, std::string_view scheme,
              std::string_view secure_scheme, bool query_allowed) {
  auto given = in.value(name);
  if (!given)
    return;
  auto parts = parse_url(*given);
  bool ok = parts && (parts->scheme == scheme || parts->scheme == secure_scheme) &&
            parts->path.find('#') == std::string_view::npos &&
            (query_allowed || parts->path.find('?') == std::string_view::npos);
  auto allowed = std::string(secure_scheme) + "://HOST[:PORT][/PATH], or " + std::string(scheme) +
                 ":// outside production; no user, no fragment" +
                 (query_allowed ? "" : ", no query");
  if (ok)
    target = *given;
  else if (given->find('@') != std::string::npos)
    in.problem(name, "is not such a URL (its value is not shown: it may hold a password)", allowed);
  else
    in.wrong(name, *given, allowed);
}

void strip_slashes(std::string& url) {
  while (!url.empty() && url.back() == '/')
    url.pop_back();
}

void read_environment(reader& in, config& c) {
  // The two names mean the same; ours is the one that counts.
  c.env = environment::development;
  in.choice<environment>(in.value("APP_ENV") ? "APP_ENV" : "NODE_ENV", c.env,
                         {{"development", environment::development},
                          {"test", environment::test},
                          {"production", environment::production}});
}

void read_cors(reader& in, config& c) {
  c.cors_origins = c.env == environment::development ? "*" : "";
  auto given = in.value_or_empty("CORS_ORIGINS");
  if (!given)
    return;
  std::string joined;
  for (auto& origin : split_list(*given)) {
    auto parts = parse_url(origin);
    bool ok =
        origin == "*" || given->empty() ||
        (parts && parts->path.empty() && (parts->scheme == "http" || parts->scheme == "https"));
    if (!ok || (origin == "*" && *given != "*"))
      return in.wrong("CORS_ORIGINS", *given,
                      "*, nothing, or origins (https://HOST[:PORT], no path), comma separated");
    joined += (joined.empty() ? "" : ",") + origin;
  }
  c.cors_origins = joined;
}

void read_server(reader& in, config& c) {
  in.text("HOST", c.host, is_host, "an IPv4 or IPv6 address, or localhost");
  uint32_t port = c.port;
  in.number("PORT", port, 0, 65535);
  c.port = static_cast<uint16_t>(port);
  in.text("PORT_FILE", c.port_file, is_path, "the path of a file");
  read_url(in, "PUBLIC_URL", c.public_url, "http", "https", false);
  strip_slashes(c.public_url);
  in.flag("TRUST_PROXY", c.trust_proxy);
  read_cors(in, c);
  in.number("API_RATE_LIMIT", c.api_rate_limit, 0, limits::api_rate_limit_max);
  in.number("CONNECTIONS_PER_ADDRESS", c.connections_per_address, 0,
            limits::connections_per_address_max);
}

void read_secret(reader& in, const std::string& name, std::string& target) {
  in.text(name, target, is_printable, "text without line breaks or control characters");
}

void read_twilio(reader& in, config& c) {
  in.text("TWILIO_ACCOUNT_SID", c.twilio_account_sid, is_account_sid,
          "AC and 32 hexadecimal digits");
  read_secret(in, "TWILIO_AUTH_TOKEN", c.twilio_auth_token);
  in.text("TWILIO_PHONE_NUMBER", c.twilio_phone_number, is_e164,
          "a number in E.164 form: + and 2 to 15 digits");
  in.flag("TWILIO_VALIDATE_SIGNATURE", c.twilio_validate_signature);
  read_url(in, "TWILIO_API_URL", c.twilio_api_url, "http", "https", false);
  strip_slashes(c.twilio_api_url);

  c.twilio_webhook_secrets.clear();
  std::string joined;
  read_secret(in, "TWILIO_WEBHOOK_SECRET", joined);
  for (auto& key : split_list(joined.empty() ? c.twilio_auth_token : joined)) {
    if (!key.empty())
      c.twilio_webhook_secrets.push_back(key);
    else if (!joined.empty())
      return in.wrong("TWILIO_WEBHOOK_SECRET", joined, "one or more keys, none of them empty");
  }
}

void read_openai(reader& in, config& c) {
  const std::string identifier = "letters, digits and - . _ :";
  read_secret(in, "OPENAI_API_KEY", c.openai_api_key);
  read_url(in, "OPENAI_REALTIME_URL", c.openai_realtime_url, "ws", "wss", true);
  in.text("OPENAI_REALTIME_MODEL", c.openai_realtime_model, is_identifier, identifier);
  in.text("OPENAI_VOICE", c.openai_voice, is_identifier, identifier);
  in.text("OPENAI_TRANSCRIPTION_MODEL", c.openai_transcription_model, is_identifier, identifier);
  in.choice<dialect>("OPENAI_DIALECT", c.openai_dialect,
                     {{"ga", dialect::ga}, {"beta", dialect::beta}});
  in.text(
      "OPENAI_AUTH_HEADER", c.openai_auth_header,
      [](auto& text) { return text == "Authorization: Bearer" || text == "api-key"; },
      "Authorization: Bearer, api-key");
  in.choice<audio_format>("OPENAI_AUDIO_FORMAT", c.openai_audio_format,
                          {{"pcmu", audio_format::pcmu}, {"pcm16", audio_format::pcm16}});
  in.flag("PREWARM_SESSIONS", c.prewarm_sessions);
  in.flag("GAP_TONE", c.gap_tone);
  in.flag("CALL_REVIEW", c.review_calls);
  in.text("OPENAI_CA_FILE", c.openai_ca_file, is_path, "the path of a file");
  if (auto given = in.value("MODEL_PRICES")) {
    c.prices = parse_model_prices(*given);
    if (!c.prices)
      in.wrong("MODEL_PRICES", *given,
               "five numbers from 0, comma separated: USD for a million "
               "tokens of text in, cached in, audio in, text out, audio out");
  }
}

void read_agent(reader& in, config& c) {
  in.text("AGENT_NAME", c.agent_name, is_printable, "text of one line");
  // Prose: line breaks are welcome, and an empty one is meant.
  if (auto given = in.value_or_empty("AGENT_INSTRUCTIONS"))
    c.agent_instructions = *given;
  if (auto given = in.value_or_empty("AGENT_GREETING"))
    c.agent_greeting = *given;
  in.choice<barge_in>("BARGE_IN", c.interruptions,
                      {{"on", barge_in::on},
                       {"off_during_greeting", barge_in::off_during_greeting},
                       {"off", barge_in::off}});
  in.text("AGENT_PROFILES", c.agent_profiles_file, is_path, "the path of a file");
  in.flag("TOOLS_ALLOW_PRIVATE_NETWORKS", c.tools_allow_private_networks);
}

/// `file:PATH`, as the old system spelled it; `file:///PATH` is the same path, absolute.
void read_database(reader& in, config& c) {
  auto given = in.value("DATABASE_URL");
  if (!given)
    return;
  std::string path = given->compare(0, 5, "file:") == 0 ? given->substr(5) : "";
  if (path.compare(0, 3, "///") == 0)
    path.erase(0, 2);
  bool ok = is_path(path) && path.find_first_of("?#") == std::string::npos && !path.empty() &&
            path.back() != '/' && path.compare(0, 2, "//") != 0;
  if (ok)
    c.database_path = path;
  else if (given->find('@') != std::string::npos) // a server's URL, with its password
    in.problem("DATABASE_URL", "is not a file: URL", "file:PATH, without a query");
  else
    in.wrong("DATABASE_URL", *given, "file:PATH, without a query");
}

void read_storage(reader& in, config& c) {
  read_database(in, c);
  in.text("RECORDING_STORAGE_PATH", c.recording_storage_path, is_path, "the path of a folder");
  in.choice<bool>("RECORDING", c.recording, {{"on", true}, {"off", false}});
  in.choice<recording_channels>(
      "RECORDING_CHANNELS", c.channels,
      {{"stereo", recording_channels::stereo}, {"mono", recording_channels::mono}});
  in.number("JOURNAL_SYNC_MS", c.journal_sync_ms, limits::journal_sync_ms_min,
            limits::journal_sync_ms_max);
  in.number("JOURNAL_RETENTION_H", c.journal_retention_h, 0, limits::journal_retention_h_max);
  in.number("DISK_FREE_MIN_MB", c.disk_free_min_mb, 0, limits::disk_free_min_mb_max);
  in.choice<disk_low_action>("DISK_LOW_ACTION", c.disk_low,
                             {{"refuse_calls", disk_low_action::refuse_calls},
                              {"stop_recording", disk_low_action::stop_recording}});
  in.number("RETENTION_DAYS", c.retention_days, 0, limits::retention_days_max);
  in.number("RESUME_WINDOW_S", c.resume_window_s, 0, limits::resume_window_s_max);
  read_secret(in, "URL_SIGNING_KEY", c.url_signing_key);
}

void read_process(reader& in, config& c) {
  in.number("MAX_CONCURRENT_CALLS", c.max_concurrent_calls, 0, limits::calls_max);
  in.number("LINES", c.lines, 0, limits::lines_max);
  in.flag("LINE_REALTIME", c.line_realtime);
  in.flag("LINE_IO_URING", c.line_io_uring);
  in.choice<log_level>("LOG_LEVEL", c.level,
                       {{"error", log_level::error},
                        {"warn", log_level::warn},
                        {"info", log_level::info},
                        {"http", log_level::http},
                        {"debug", log_level::debug}});
  c.format = c.env == environment::development ? log_format::pretty : log_format::json;
  in.choice<log_format>("LOG_FORMAT", c.format,
                        {{"pretty", log_format::pretty}, {"json", log_format::json}});
  in.number("DRAIN_TIMEOUT_S", c.drain_timeout_s, 0, limits::drain_timeout_s_max);
}

} // namespace

std::string config::data_directory() const {
  auto slash = database_path.find_last_of('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : database_path.substr(0, slash);
}

bool config::loopback_host() const {
  return is_loopback(host);
}

std::string to_string(const problem& x) {
  return x.name + ": " + x.what + "; allowed: " + x.allowed;
}

loaded load(const sources& from) {
  loaded result;
  reader in(from, result);
  in.check_names();
  read_environment(in, result.value);
  read_server(in, result.value);
  read_twilio(in, result.value);
  read_openai(in, result.value);
  read_agent(in, result.value);
  read_storage(in, result.value);
  read_process(in, result.value);
  read_api_tokens(in, result.value);
  check_required(in);
  check_rules(in, result.value);
  load_agent_profiles(result.value, result.problems);
  return result;
}

} // namespace switchboard::conf
