#include "conf/config.hpp"

#include <algorithm>
#include <cctype>

namespace switchboard::conf {

namespace {

constexpr bool plain = false;
constexpr bool secret = true;
constexpr bool required = true;

// One table, to be read from top to bottom.
// NOLINTNEXTLINE(readability-function-size)
std::vector<variable> make_table() {
  return {
      {"APP_ENV", "development", "development, test or production (NODE_ENV is read too)", plain},
      {"HOST", "127.0.0.1", "address to listen on: an IP address or localhost", plain},
      {"PORT", "3000", "port of HTTP, SSE and WebSocket; 0 takes any free one", plain},
      {"PORT_FILE", "", "file that the bound port is written to", plain},
      {"PUBLIC_URL", "", "base that Twilio uses, https://...; derived from Host if unset", plain},
      {"TRUST_PROXY", "false", "believe X-Forwarded-Proto and X-Forwarded-Host", plain},
      {"CORS_ORIGINS", "", "* or origins, comma separated; unset: * in development", plain},
      {"TWILIO_ACCOUNT_SID", "", "account, AC and 32 hexadecimal digits", plain, required},
      {"TWILIO_AUTH_TOKEN", "", "token of the account", secret, required},
      {"TWILIO_PHONE_NUMBER", "", "number of the agent, E.164", plain, required},
      {"TWILIO_WEBHOOK_SECRET", "", "signature keys, comma separated; unset: the token", secret},
      {"TWILIO_VALIDATE_SIGNATURE", "true", "refuse webhooks with a wrong signature", plain},
      {"TWILIO_API_URL", "https://api.twilio.com", "base of Twilio's REST API", plain},
      {"OPENAI_API_KEY", "", "key of the model's API", secret, required},
      {"OPENAI_REALTIME_URL", "wss://api.openai.com/v1/realtime", "where the model answers", plain},
      {"OPENAI_REALTIME_MODEL", "gpt-realtime-2.1", "model", plain},
      {"OPENAI_VOICE", "marin", "its voice", plain},
      {"OPENAI_TRANSCRIPTION_MODEL", "gpt-4o-mini-transcribe", "transcribes the caller", plain},
      {"OPENAI_DIALECT", "ga", "event names: ga or beta", plain},
      {"OPENAI_AUTH_HEADER", "Authorization: Bearer", "Authorization: Bearer, or api-key", plain},
      {"OPENAI_AUDIO_FORMAT", "pcmu", "pcmu (unchanged) or pcm16 (24 kHz, converted)", plain},
      {"OPENAI_CA_FILE", "", "PEM bundle to trust instead of the system's", plain},
      {"PREWARM_SESSIONS", "true", "open the model session at the webhook", plain},
      {"GAP_TONE", "true", "a soft tone while a call waits for its model session", plain},
      {"CALL_REVIEW", "true", "ask the model about each call at its end: sentiment, summary",
       plain},
      {"MODEL_PRICES", "", "USD per million tokens: text, cached, audio in; text, audio out",
       plain},
      {"AGENT_NAME", "assistant", "agent of the Call rows", plain},
      {"AGENT_INSTRUCTIONS",
       "You are a friendly voice assistant on a phone call. Answer in one or two short sentences.",
       "what the model is told to be", plain},
      {"AGENT_GREETING", "Greet the caller briefly and ask how you can help.",
       "what it is told to open the call with; set but empty: it waits", plain},
      {"BARGE_IN", "on", "may the caller interrupt: on, off_during_greeting or off", plain},
      {"AGENT_PROFILES", "", "JSON file of agents by called number; SIGHUP reads it anew", plain},
      {"TOOLS_ALLOW_PRIVATE_NETWORKS", "false", "let HTTP tools reach private addresses", plain},
      {"DATABASE_URL", "file:./data/switchboard.db", "file:PATH of the SQLite database", plain},
      {"RECORDING_STORAGE_PATH", "./data/recordings", "folder of journals and recordings", plain},
      {"RECORDING", "on", "on, or off: calls are transcribed, but no sound is kept", plain},
      {"RECORDING_CHANNELS", "stereo", "stereo (caller left) or mono", plain},
      {"JOURNAL_SYNC_MS", "5000", "ms after which what was recorded is safe from a power cut",
       plain},
      {"JOURNAL_RETENTION_H", "24", "hours that a sealed call's journal is kept", plain},
      {"DISK_FREE_MIN_MB", "1024", "MiB of free space below which new calls give way; 0: no mark",
       plain},
      {"DISK_LOW_ACTION", "refuse_calls", "then: refuse_calls, or stop_recording of new ones",
       plain},
      {"RETENTION_DAYS", "0", "age in days at which calls are deleted; 0 keeps them", plain},
      {"RESUME_WINDOW_S", "15", "seconds that a call without its stream waits", plain},
      {"URL_SIGNING_KEY", "", "signs recording URLs; unset: made once and kept", secret},
      {"API_TOKENS", "", "name:token or name:token:read, comma separated", secret},
      {"API_RATE_LIMIT", "500", "requests per second of one token; 0: no limit", plain},
      {"CONNECTIONS_PER_ADDRESS", "256", "connections of one unknown address; 0: no limit", plain},
      {"MAX_CONCURRENT_CALLS", "0", "calls at once; 0: 200 per line", plain},
      {"LINES", "0", "media threads; 0: one per core", plain},
      {"LINE_REALTIME", "true", "they have real-time priority if the system allows it", plain},
      {"LINE_IO_URING", "true", "they send and receive by io_uring if the system allows it", plain},
      {"LOG_LEVEL", "info", "error, warn, info, http or debug", plain},
      {"LOG_FORMAT", "", "pretty or json; unset: pretty in development, else json", plain},
      {"DRAIN_TIMEOUT_S", "30", "seconds that live calls have at SIGTERM", plain},
  };
}

} // namespace

const std::vector<variable>& variables() {
  static const std::vector<variable> table = make_table();
  return table;
}

std::string option_name(const std::string& variable) {
  std::string result = "--";
  for (unsigned char c : variable)
    result += c == '_' ? '-' : static_cast<char>(std::tolower(c));
  return result;
}

const char* version() {
  return SWITCHBOARD_VERSION;
}

} // namespace switchboard::conf
