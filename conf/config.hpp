#pragma once

#include "conf/agent_profile.hpp"
#include "conf/model_prices.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace switchboard::conf {

enum class environment : uint8_t { development, test, production };
enum class audio_format : uint8_t { pcmu, pcm16 };
enum class dialect : uint8_t { ga, beta };
enum class recording_channels : uint8_t { stereo, mono };
/// What gives way when less than DISK_FREE_MIN_MB is free.
enum class disk_low_action : uint8_t { refuse_calls, stop_recording };
enum class log_level : uint8_t { error, warn, info, http, debug };
enum class log_format : uint8_t { pretty, json };

/// One bearer token of the REST API. The name goes to the audit log, the token nowhere.
struct api_token {
  std::string name;
  std::string token;
  bool read_only = false;
};

/// Everything that can be configured, parsed and validated (see load()). Plain data: copied at
/// start, read-only afterwards, so any thread may read it. Units are in the names.
struct config {
  environment env = environment::development;

  std::string host = "127.0.0.1";
  uint16_t port = 3000;   ///< 0 = any free port (for tests, with port_file)
  std::string port_file;  ///< the bound port is written here once listening; empty = no
  std::string public_url; ///< base that Twilio uses, no trailing slash; empty = from Host
  bool trust_proxy = false;
  std::string cors_origins; ///< "*", "", or comma separated origins (no spaces)

  std::string twilio_account_sid;
  std::string twilio_auth_token; ///< secret
  std::string twilio_phone_number;
  std::vector<std::string> twilio_webhook_secrets; ///< secret; signature keys, never empty
  bool twilio_validate_signature = true;
  std::string twilio_api_url = "https://api.twilio.com";

  std::string openai_api_key; ///< secret
  std::string openai_realtime_url = "wss://api.openai.com/v1/realtime";
  std::string openai_realtime_model = "gpt-realtime-2.1";
  std::string openai_voice = "marin";
  std::string openai_transcription_model = "gpt-4o-mini-transcribe";
  dialect openai_dialect = dialect::ga;
  std::string openai_auth_header = "Authorization: Bearer"; ///< or "api-key"
  std::string openai_ca_file; ///< PEM bundle to trust instead of the system's; empty = system
  audio_format openai_audio_format = audio_format::pcmu;
  bool prewarm_sessions = true; ///< a call's model session opens at the webhook
  bool gap_tone = true;         ///< a soft tone while a call waits for its model session
  bool review_calls = true; ///< the model judges a call that is over: sentiment, summary, language
  std::optional<model_prices> prices;   ///< none = the cost of a call is not told
  std::string agent_name = "assistant"; ///< `agent` of the Call row
  /// What the model is told to be.
  std::string agent_instructions =
      "You are a friendly voice assistant on a phone call. Answer in one or two short sentences.";
  /// What it is told to open the call with; empty = it waits for the caller.
  std::string agent_greeting = "Greet the caller briefly and ask how you can help.";

  barge_in interruptions = barge_in::on; ///< BARGE_IN of the built-in profile
  std::string agent_profiles_file;       ///< AGENT_PROFILES; empty = the built-in profile alone
  /// Whether HTTP tools may reach private, loopback and link-local addresses.
  bool tools_allow_private_networks = false;

  std::string database_path = "./data/switchboard.db"; ///< from DATABASE_URL `file:PATH`
  std::string recording_storage_path = "./data/recordings";
  bool recording = true; ///< off: no journal, no recording; transcripts are written all the same
  recording_channels channels = recording_channels::stereo;
  uint32_t journal_sync_ms = 5'000;  ///< from a write to a journal to its fdatasync
  uint32_t journal_retention_h = 24; ///< how long a sealed journal is kept
  uint32_t disk_free_min_mb = 1024;  ///< MiB kept free for the calls that live; 0 = no mark
  disk_low_action disk_low = disk_low_action::refuse_calls;
  uint32_t retention_days = 0; ///< age at which calls are deleted; 0 = never
  uint32_t resume_window_s = 15;
  std::string url_signing_key; ///< secret; empty = made once in the data directory

  std::vector<api_token> api_tokens; ///< secret
  uint32_t api_rate_limit = 500;     ///< requests per second of one token; 0 = any
  /// Connections of one address that show neither token nor signature; 0 = any.
  uint32_t connections_per_address = 256;
  uint32_t max_concurrent_calls = 0; ///< 0 = 200 per line, capped by descriptors
  uint32_t lines = 0;                ///< 0 = one per core
  bool line_realtime = true;         ///< lines have real-time priority where the system allows it
  bool line_io_uring = true;         ///< and send and receive by io_uring where it allows that
  log_level level = log_level::info;
  log_format format = log_format::pretty;
  uint32_t drain_timeout_s = 30;

  /// The directory of the database: lock file, signing key.
  std::string data_directory() const;

  /// Whether `host` is reachable from this machine only (127.0.0.0/8, ::1, localhost).
  bool loopback_host() const;

  /// Whether the API answers without a token: nobody configured one, and only this machine can
  /// connect. With tokens each request needs one; without tokens on another host none is right.
  bool api_open() const { return api_tokens.empty() && loopback_host(); }
};

/// One thing that is wrong with the configuration. `name` is the variable's name (`PORT`).
struct problem {
  std::string name;
  std::string what;    ///< never a secret's value
  std::string allowed; ///< what would be right
};

/// What a process is given: command-line options, environment, `.env` lines; earlier wins.
struct sources {
  std::map<std::string, std::string> options;     ///< by variable name (`PORT`), from --port
  std::map<std::string, std::string> environment; ///< the process environment
  std::map<std::string, std::string> dotenv;      ///< parsed .env / --env-file
};

struct loaded {
  config value;
  std::vector<problem> problems; ///< empty = value is valid
  std::vector<problem> warnings; ///< does not stop the start: unknown names in `.env`, weak tokens
};

/// Parses and validates everything; reports all problems, not only the first. Reads the files
/// that `NAME_FILE` variables and AGENT_PROFILES name; touches nothing else.
loaded load(const sources& from);

/// One line for people: `PORT: is "abc"; allowed: a whole number from 0 to 65535`.
std::string to_string(const problem& x);

/// The environment of this process.
std::map<std::string, std::string> process_environment();

/// Reads and parses a `.env` file of at most 1 MiB.
/// @param required false: a file that does not exist is an empty one (the default `.env`);
///                 true: it is a problem (a file named with --env-file).
std::map<std::string, std::string> read_dotenv(const std::string& path, bool required,
                                               std::vector<problem>& problems);

/// Parses the text of a `.env` file (KEY=VALUE, `#` comments, optional quotes, `export `).
/// Lines it cannot read are added to `problems`, by their number, never with their text. Single
/// quotes keep everything; double quotes know the escapes \n \t \" \\; a bare value ends at ` #`.
/// A value does not span lines and nothing is expanded. The last line of a name wins.
std::map<std::string, std::string> parse_dotenv(const std::string& text,
                                                std::vector<problem>& problems);

/// The option spelling of a variable: OPENAI_REALTIME_URL -> --openai-realtime-url.
std::string option_name(const std::string& variable);

/// Name, default and help of each variable, in the order of the documentation.
struct variable {
  const char* name;
  const char* default_value; ///< as one would write it; empty = none, or what `help` says
  const char* help;
  bool secret; ///< never an option of the command line; `NAME_FILE` is known too
  bool required = false;
};
const std::vector<variable>& variables();

/// The version of this build, e.g. "0.1.0".
const char* version();

} // namespace switchboard::conf
