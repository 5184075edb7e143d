#include "conf/rules.hpp"

#include "conf/defaults/conf.hpp"
#include "conf/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace switchboard::conf {

namespace {

constexpr const char* tokens_allowed =
    "name:token or name:token:read, comma separated; names and tokens differ from each other";

std::optional<api_token> parse_token(const std::string& entry) {
  auto colon = entry.find(':');
  if (colon == std::string::npos)
    return std::nullopt;
  api_token result;
  result.name = entry.substr(0, colon);
  result.token = entry.substr(colon + 1);
  auto second = result.token.find(':');
  if (second != std::string::npos) {
    if (result.token.substr(second) != ":read")
      return std::nullopt;
    result.token.erase(second);
    result.read_only = true;
  }
  if (!is_identifier(result.name) || !is_bearer_token(result.token))
    return std::nullopt;
  return result;
}

bool starts_with(const std::string& text, const char* prefix) {
  return text.compare(0, std::char_traits<char>::length(prefix), prefix) == 0;
}

void check_production(reader& in, const config& c) {
  if (c.public_url.empty() && !in.reported("PUBLIC_URL"))
    in.problem("PUBLIC_URL", "is missing, and production needs it", "https://HOST");
  else if (starts_with(c.public_url, "http://"))
    in.problem("PUBLIC_URL", "is not https, and production needs it", "https://HOST");
  if (!c.twilio_validate_signature)
    in.problem("TWILIO_VALIDATE_SIGNATURE", "is false, which production refuses", "true");
  if (starts_with(c.openai_realtime_url, "ws://"))
    in.problem("OPENAI_REALTIME_URL", "is not encrypted, which production refuses", "wss://HOST");
  if (starts_with(c.twilio_api_url, "http://"))
    in.problem("TWILIO_API_URL", "is not encrypted, which production refuses", "https://HOST");
  if (in.value("TEST_READ_STAMPS"))
    in.problem("TEST_READ_STAMPS", "is for tests, which production refuses", "unset");
  if (c.api_tokens.empty() && !in.reported("API_TOKENS") && !in.reported("API_TOKENS_FILE"))
    in.problem("API_TOKENS", "is missing, and production needs it", tokens_allowed);
}

/// The secrets of switchboard.env.example: everybody knows them.
bool is_published(const std::string& secret) {
  static constexpr std::array<const char*, 3> published{"6f1d3a0c5e9b47d28a1c4e7f90b2d6a8",
                                                        "b2a90c7d4e1f68359d0a7c2e4b6f8d13",
                                                        "0d9f2b7c4a6e81350f7d2c9b4e6a8130"};
  return std::find(published.begin(), published.end(), secret) != published.end();
}

/// What works, and is wrong only in most set-ups.
void warn_of_exposure(reader& in, const config& c) {
  if (c.cors_origins == "*")
    in.warning("CORS_ORIGINS", "lets every web page use a token that it gets hold of",
               "origins of the dashboards, https://HOST");
  if (c.trust_proxy && !c.loopback_host())
    in.warning(
        "TRUST_PROXY",
        "believes whoever reaches the port past the proxy, as HOST is not a loopback address",
        "a HOST or a firewall that lets only the proxy in");
}

/// Secrets that can be guessed, or that all can read, are refused in production and remarked
/// elsewhere.
void check_secret(reader& in, const config& c, const std::string& name, const std::string& secret) {
  const bool production = c.env == environment::production;
  if (production && is_published(secret))
    in.problem(name, "is that of the example, which everybody knows",
               "e.g. of: openssl rand -hex 32");
  const size_t min = defaults::conf::secret_bytes_min;
  if (secret.empty() || secret.size() >= min)
    return;
  auto allowed = "at least " + std::to_string(min) + " characters, e.g. of: openssl rand -hex 32";
  if (production)
    in.problem(name, "is too short", allowed);
  else
    in.warning(name, "is short; production refuses it", allowed);
}

} // namespace

void read_api_tokens(reader& in, config& c) {
  auto given = in.value("API_TOKENS");
  if (!given)
    return;
  std::vector<api_token> tokens;
  for (auto& entry : split_list(*given)) {
    auto token = parse_token(entry);
    bool known = token && std::any_of(tokens.begin(), tokens.end(), [&](auto& other) {
                   return other.name == token->name || other.token == token->token;
                 });
    if (!token || known)
      return in.problem("API_TOKENS",
                        "has an entry that is not allowed, number " +
                            std::to_string(tokens.size() + 1),
                        tokens_allowed);
    tokens.push_back(*token);
  }
  c.api_tokens = std::move(tokens);
}

void check_required(reader& in) {
  for (auto& variable : variables()) {
    const std::string name = variable.name;
    if (!variable.required || in.reported(name) || in.reported(name + "_FILE") || in.value(name))
      continue;
    in.problem(name, "is missing", variable.help);
  }
}

void check_rules(reader& in, const config& c) {
  if (c.env == environment::production) {
    check_production(in, c);
    warn_of_exposure(in, c);
  }
  check_secret(in, c, "URL_SIGNING_KEY", c.url_signing_key);
  for (auto& token : c.api_tokens)
    check_secret(in, c, "API_TOKENS", token.token);
  if (c.api_tokens.empty() && !c.loopback_host() && c.env != environment::production)
    in.warning("API_TOKENS",
               "is missing while HOST is not a loopback address, so the API refuses everybody",
               tokens_allowed);
}

} // namespace switchboard::conf
