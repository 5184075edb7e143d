#define CAF_SUITE config
#define FAIL CAF_FAIL

#include "conf/config.hpp"
#include "tests/conf/config_fixture.hpp"

#include <set>

#include <caf/test/dsl.hpp>

using namespace switchboard::conf;
using namespace switchboard::conf::test;

using list = std::vector<std::string>;

CAF_TEST(the required variables alone make a valid configuration) {
  auto result = load_with({});
  CAF_CHECK_EQUAL(joined(result.problems), "");
  CAF_CHECK_EQUAL(joined(result.warnings), "");
  CAF_CHECK_EQUAL(result.value.host, "127.0.0.1");
  CAF_CHECK_EQUAL(result.value.port, 3000);
  CAF_CHECK_EQUAL(result.value.openai_realtime_model, "gpt-realtime-2.1");
  CAF_CHECK_EQUAL(result.value.cors_origins, "*");
  CAF_CHECK(result.value.twilio_validate_signature);
  CAF_CHECK(result.value.format == log_format::pretty);
  CAF_CHECK_EQUAL(result.value.data_directory(), "./data");
  CAF_REQUIRE_EQUAL(result.value.twilio_webhook_secrets.size(), 1u);
  CAF_CHECK_EQUAL(result.value.twilio_webhook_secrets[0], "twilio-secret");
}

CAF_TEST(writing the documented default changes nothing) {
  auto implied = load_with({}).value;
  for (auto& v : variables()) {
    if (*v.default_value == '\0')
      continue;
    auto result = load_with({{v.name, v.default_value}});
    CAF_CHECK_EQUAL(joined(result.problems), "");
    CAF_CHECK_EQUAL(result.value.host, implied.host);
    CAF_CHECK_EQUAL(result.value.port, implied.port);
    CAF_CHECK_EQUAL(result.value.trust_proxy, implied.trust_proxy);
    CAF_CHECK_EQUAL(result.value.twilio_api_url, implied.twilio_api_url);
    CAF_CHECK_EQUAL(result.value.openai_realtime_url, implied.openai_realtime_url);
    CAF_CHECK_EQUAL(result.value.openai_realtime_model, implied.openai_realtime_model);
    CAF_CHECK_EQUAL(result.value.openai_voice, implied.openai_voice);
    CAF_CHECK_EQUAL(result.value.openai_transcription_model, implied.openai_transcription_model);
    CAF_CHECK_EQUAL(result.value.openai_auth_header, implied.openai_auth_header);
    CAF_CHECK_EQUAL(result.value.agent_name, implied.agent_name);
    CAF_CHECK_EQUAL(result.value.agent_instructions, implied.agent_instructions);
    CAF_CHECK_EQUAL(result.value.agent_greeting, implied.agent_greeting);
    CAF_CHECK_EQUAL(result.value.database_path, implied.database_path);
    CAF_CHECK_EQUAL(result.value.recording_storage_path, implied.recording_storage_path);
    CAF_CHECK_EQUAL(result.value.journal_sync_ms, implied.journal_sync_ms);
    CAF_CHECK_EQUAL(result.value.journal_retention_h, implied.journal_retention_h);
    CAF_CHECK_EQUAL(result.value.disk_free_min_mb, implied.disk_free_min_mb);
    CAF_CHECK(result.value.disk_low == implied.disk_low);
    CAF_CHECK_EQUAL(result.value.retention_days, implied.retention_days);
    CAF_CHECK_EQUAL(result.value.resume_window_s, implied.resume_window_s);
    CAF_CHECK_EQUAL(result.value.drain_timeout_s, implied.drain_timeout_s);
    CAF_CHECK(result.value.level == implied.level);
    CAF_CHECK(result.value.env == implied.env);
  }
}

CAF_TEST(all problems are listed at once) {
  auto result = load({{{"PORT", "abc"}},
                      {{"HOST", "not a host"}, {"LOG_LEVEL", "loud"}, {"RESUME_WINDOW_S", "-1"}},
                      {{"TRUST_PROXY", "maybe"}, {"OPENAI_AUDIO_FORMAT", "mp3"}}});
  list expected = {"HOST",
                   "LOG_LEVEL",
                   "OPENAI_API_KEY",
                   "OPENAI_AUDIO_FORMAT",
                   "PORT",
                   "RESUME_WINDOW_S",
                   "TRUST_PROXY",
                   "TWILIO_ACCOUNT_SID",
                   "TWILIO_AUTH_TOKEN",
                   "TWILIO_PHONE_NUMBER"};
  CAF_CHECK_EQUAL(names(result.problems), expected);
}

CAF_TEST(a problem says the name and the value and what is allowed) {
  auto result = load_with({{"PORT", "65536"}});
  CAF_REQUIRE_EQUAL(result.problems.size(), 1u);
  CAF_CHECK_EQUAL(to_string(result.problems[0]),
                  "PORT: is \"65536\"; allowed: a whole number from 0 to 65535");
}

CAF_TEST(options win over the environment and the environment over the file) {
  auto base = minimum();
  auto result = load({{{"PORT", "1001"}},
                      with(base, {{"PORT", "1002"}, {"LINES", "2"}}),
                      {{"PORT", "1003"}, {"LINES", "3"}, {"OPENAI_VOICE", "cedar"}}});
  CAF_CHECK_EQUAL(joined(result.problems), "");
  CAF_CHECK_EQUAL(result.value.port, 1001);
  CAF_CHECK_EQUAL(result.value.lines, 2u);
  CAF_CHECK_EQUAL(result.value.openai_voice, "cedar");
}

CAF_TEST(an empty value counts as not given) {
  auto result = load({{}, with(minimum(), {{"PORT", ""}, {"PUBLIC_URL", ""}}), {{"PORT", "4000"}}});
  CAF_CHECK_EQUAL(joined(result.problems), "");
  CAF_CHECK_EQUAL(result.value.port, 4000);
  CAF_CHECK(complains(load_with({{"OPENAI_API_KEY", ""}}), "OPENAI_API_KEY"));
}

CAF_TEST(an empty greeting and empty origins are meant) {
  auto result = load_with({{"AGENT_GREETING", ""}, {"CORS_ORIGINS", ""}});
  CAF_CHECK_EQUAL(joined(result.problems), "");
  CAF_CHECK_EQUAL(result.value.agent_greeting, "");
  CAF_CHECK_EQUAL(result.value.cors_origins, "");
}

CAF_TEST(numbers are digits within their range and nothing else) {
  for (auto bad : {"-1", "+1", " 1", "1 ", "1.5", "0x10", "1e3", "65536", "99999999999999999999"})
    CAF_CHECK(complains(load_with({{"PORT", bad}}), "PORT"));
  CAF_CHECK_EQUAL(load_with({{"PORT", "0"}}).value.port, 0);
  CAF_CHECK_EQUAL(load_with({{"PORT", "65535"}}).value.port, 65535);
  CAF_CHECK(complains(load_with({{"LINES", "257"}}), "LINES"));
  CAF_CHECK(complains(load_with({{"RESUME_WINDOW_S", "301"}}), "RESUME_WINDOW_S"));
  CAF_CHECK(complains(load_with({{"RETENTION_DAYS", "36501"}}), "RETENTION_DAYS"));
}

CAF_TEST(a wrong value leaves the default in place) {
  CAF_CHECK_EQUAL(load_with({{"PORT", "x"}}).value.port, 3000);
}

CAF_TEST(flags are true or false) {
  CAF_CHECK(load_with({{"TRUST_PROXY", "true"}}).value.trust_proxy);
  for (auto bad : {"1", "yes", "TRUE", "on"})
    CAF_CHECK(complains(load_with({{"TRUST_PROXY", bad}}), "TRUST_PROXY"));
}

CAF_TEST(the environment is told by either name and ours counts) {
  CAF_CHECK(load_with({{"NODE_ENV", "test"}}).value.env == environment::test);
  CAF_CHECK(load_with({{"NODE_ENV", "test"}, {"APP_ENV", "development"}}).value.env ==
            environment::development);
  CAF_CHECK(complains(load_with({{"NODE_ENV", "staging"}}), "NODE_ENV"));
  CAF_CHECK(complains(load_with({{"APP_ENV", "prod"}}), "APP_ENV"));
}

CAF_TEST(outside development logs are JSON and no origin is allowed) {
  auto result = load_with({{"APP_ENV", "test"}});
  CAF_CHECK(result.value.format == log_format::json);
  CAF_CHECK_EQUAL(result.value.cors_origins, "");
}

CAF_TEST(a complete production configuration is valid) {
  auto result = load_with(production({}));
  CAF_CHECK_EQUAL(joined(result.problems), "");
  CAF_CHECK(result.value.env == environment::production);
}

CAF_TEST(production refuses what is only fit for trying out) {
  auto refused = [](const values& more, const std::string& name) {
    auto result = load_with(production(more));
    CAF_MESSAGE(joined(result.problems));
    CAF_CHECK_EQUAL(names(result.problems), list{name});
    auto elsewhere = with(production(more), {{"APP_ENV", "test"}});
    CAF_CHECK_EQUAL(joined(load_with(elsewhere).problems), "");
  };
  refused({{"PUBLIC_URL", ""}}, "PUBLIC_URL");
  refused({{"PUBLIC_URL", "http://calls.example.com"}}, "PUBLIC_URL");
  refused({{"TWILIO_VALIDATE_SIGNATURE", "false"}}, "TWILIO_VALIDATE_SIGNATURE");
  refused({{"OPENAI_REALTIME_URL", "ws://127.0.0.1:9/v1/realtime"}}, "OPENAI_REALTIME_URL");
  refused({{"TWILIO_API_URL", "http://127.0.0.1:9"}}, "TWILIO_API_URL");
  refused({{"TEST_READ_STAMPS", "/tmp/stamps"}}, "TEST_READ_STAMPS");
  refused({{"API_TOKENS", ""}}, "API_TOKENS");
  refused({{"API_TOKENS", "dashboard:short"}}, "API_TOKENS");
  refused({{"URL_SIGNING_KEY", "short"}}, "URL_SIGNING_KEY");
}

CAF_TEST(production refuses the secrets of the example) {
  std::ifstream file("conf/switchboard.env.example");
  for (std::string line; std::getline(file, line);)
    for (std::string name : {"API_TOKENS", "URL_SIGNING_KEY"}) {
      if (line.compare(0, name.size() + 2, "#" + name + "=") != 0)
        continue;
      auto value = line.substr(name.size() + 2);
      CAF_CHECK(complains(load_with(production({{name, value}})), name));
      CAF_CHECK_EQUAL(
          joined(load_with(with(production({{name, value}}), {{"APP_ENV", "test"}})).problems), "");
      for (auto& token : load_with({{name, value}}).value.api_tokens)
        CAF_CHECK(complains(load_with(production({{"API_TOKENS", "x:" + token.token}})), name));
    }
}

CAF_TEST(production remarks on what lets too many in) {
  auto warned = [](const values& more) { return names(load_with(production(more)).warnings); };
  CAF_CHECK_EQUAL(warned({}), list{});
  CAF_CHECK_EQUAL(warned({{"CORS_ORIGINS", "*"}}), list{"CORS_ORIGINS"});
  CAF_CHECK_EQUAL(warned({{"TRUST_PROXY", "true"}}), list{});
  CAF_CHECK_EQUAL(warned({{"TRUST_PROXY", "true"}, {"HOST", "0.0.0.0"}}), list{"TRUST_PROXY"});
}

CAF_TEST(no secret is ever shown) {
  const std::string marker = "hunter2-hunter2\n"; // the line break makes it invalid
  values all;
  for (auto& v : variables())
    if (v.secret)
      all[v.name] = marker;
  auto result = load(
      {all,
       with(minimum(), all),
       {{"DATABASE_URL", "postgres://u:hunter2@db/x"}, {"PUBLIC_URL", "https://u:hunter2@host"}}});
  CAF_CHECK(result.problems.size() >= 12);
  CAF_CHECK_EQUAL(joined(result.problems).find("hunter2"), std::string::npos);
  CAF_CHECK_EQUAL(joined(result.warnings).find("hunter2"), std::string::npos);
}

CAF_TEST(secrets are refused on the command line) {
  for (auto& v : variables()) {
    if (!v.secret)
      continue;
    auto result = load({{{v.name, "name:0123456789abcdef"}}, minimum(), {}});
    CAF_CHECK_EQUAL(names(result.problems), list{v.name});
  }
}

CAF_TEST(a secret may come from a file) {
  temporary_folder folder;
  auto path = folder.write("key", "from-a-file\n");
  auto environment = minimum();
  environment.erase("OPENAI_API_KEY");
  environment["OPENAI_API_KEY_FILE"] = path;
  auto result = load({{}, environment, {{"OPENAI_API_KEY", "from-dotenv"}}});
  CAF_CHECK_EQUAL(joined(result.problems), "");
  CAF_CHECK_EQUAL(result.value.openai_api_key, "from-a-file");
}

CAF_TEST(a secret file that is missing or empty or too large or a folder is one problem) {
  temporary_folder folder;
  auto environment = minimum();
  environment.erase("OPENAI_API_KEY");
  for (auto path : {folder.path() + "/none", folder.write("empty", "\n"), folder.path(),
                    folder.write("large", std::string(64 * 1024 + 1, 'x'))}) {
    environment["OPENAI_API_KEY_FILE"] = path;
    auto result = load({{}, environment, {{"OPENAI_API_KEY", "a weaker source"}}});
    CAF_CHECK_EQUAL(names(result.problems), list{"OPENAI_API_KEY_FILE"});
  }
}

CAF_TEST(a secret given twice in one place is a problem) {
  temporary_folder folder;
  auto result = load_with({{"OPENAI_API_KEY_FILE", folder.write("key", "other")}});
  CAF_CHECK_EQUAL(names(result.problems), list{"OPENAI_API_KEY"});
}

CAF_TEST(unknown names are refused as options and remarked in the file only) {
  auto result = load({{{"PROT", "1"}}, with(minimum(), {{"PATH", "/bin"}}), {{"PROT", "1"}}});
  CAF_CHECK_EQUAL(names(result.problems), list{"PROT"});
  CAF_CHECK_EQUAL(names(result.warnings), list{"PROT"});
}

CAF_TEST(webhook secrets are a list for the time of a rotation) {
  auto result = load_with({{"TWILIO_WEBHOOK_SECRET", "old, new"}});
  CAF_CHECK_EQUAL(result.value.twilio_webhook_secrets, (list{"old", "new"}));
  CAF_CHECK(complains(load_with({{"TWILIO_WEBHOOK_SECRET", "old,"}}), "TWILIO_WEBHOOK_SECRET"));
}

CAF_TEST(tokens have a name and a value and perhaps a scope) {
  auto result =
      load_with({{"API_TOKENS", "ops:aaaaaaaaaaaaaaaaaaaa, ui:bbbbbbbbbbbbbbbbbbbb:read"}});
  CAF_CHECK_EQUAL(joined(result.problems), "");
  CAF_REQUIRE_EQUAL(result.value.api_tokens.size(), 2u);
  CAF_CHECK_EQUAL(result.value.api_tokens[0].name, "ops");
  CAF_CHECK_EQUAL(result.value.api_tokens[0].token, "aaaaaaaaaaaaaaaaaaaa");
  CAF_CHECK(!result.value.api_tokens[0].read_only);
  CAF_CHECK_EQUAL(result.value.api_tokens[1].token, "bbbbbbbbbbbbbbbbbbbb");
  CAF_CHECK(result.value.api_tokens[1].read_only);
  for (auto bad : {"token", "a:", ":b", "a:b:write", "a:b:read:c", "a:b,a:c", "a:b,c:b", "a:b,",
                   "a b:c", "a:b c"})
    CAF_CHECK(complains(load_with({{"API_TOKENS", bad}}), "API_TOKENS"));
}

CAF_TEST(without tokens the API is open on a loopback address only) {
  CAF_CHECK(load_with({}).value.api_open());
  CAF_CHECK(load_with({{"HOST", "::1"}}).value.api_open());
  CAF_CHECK(load_with({{"HOST", "localhost"}}).value.api_open());
  auto exposed = load_with({{"HOST", "0.0.0.0"}});
  CAF_CHECK_EQUAL(joined(exposed.problems), "");
  CAF_CHECK_EQUAL(names(exposed.warnings), list{"API_TOKENS"});
  CAF_CHECK(!exposed.value.api_open());
  CAF_CHECK(!load_with({{"API_TOKENS", "a:0123456789abcdef"}}).value.api_open());
}

CAF_TEST(addresses and numbers of the account are checked) {
  for (auto bad :
       {"AC123", "XX0123456789abcdef0123456789abcdef", "AC0123456789abcdef0123456789abcdeg"})
    CAF_CHECK(complains(load_with({{"TWILIO_ACCOUNT_SID", bad}}), "TWILIO_ACCOUNT_SID"));
  for (auto bad : {"15550100", "+0155", "+1", "+1234567890123456", "+1 555"})
    CAF_CHECK(complains(load_with({{"TWILIO_PHONE_NUMBER", bad}}), "TWILIO_PHONE_NUMBER"));
  for (auto bad : {"example.com", "256.0.0.1", "[::1]", "*"})
    CAF_CHECK(complains(load_with({{"HOST", bad}}), "HOST"));
}

CAF_TEST(URLs are checked and a slash at the end does not count) {
  CAF_CHECK_EQUAL(load_with({{"PUBLIC_URL", "https://a.example/base/"}}).value.public_url,
                  "https://a.example/base");
  for (auto good : {"https://[::1]:8443", "http://localhost:3000", "https://a.example"})
    CAF_CHECK_EQUAL(load_with({{"PUBLIC_URL", good}}).value.public_url, good);
  for (auto bad :
       {"a.example", "ftp://a.example", "https://", "https://a b", "https://a:0", "https://a:99999",
        "://a", "https://u@a", "https://a/?q", "https://a/#f", "https://[::1", "https://a\"b"})
    CAF_CHECK(complains(load_with({{"PUBLIC_URL", bad}}), "PUBLIC_URL"));
  for (auto bad : {"https://a/v1", "wss://u:p@a/v1", "ws:/a"})
    CAF_CHECK(complains(load_with({{"OPENAI_REALTIME_URL", bad}}), "OPENAI_REALTIME_URL"));
  CAF_CHECK_EQUAL(load_with({{"OPENAI_REALTIME_URL", "wss://a/v1?x=1"}}).value.openai_realtime_url,
                  "wss://a/v1?x=1");
}

CAF_TEST(origins have no path) {
  CAF_CHECK_EQUAL(load_with({{"CORS_ORIGINS", "https://a, http://b:1"}}).value.cors_origins,
                  "https://a,http://b:1");
  for (auto bad : {"https://a/", "a", "*,https://a", "https://a,,https://b"})
    CAF_CHECK(complains(load_with({{"CORS_ORIGINS", bad}}), "CORS_ORIGINS"));
}

CAF_TEST(the database is a file) {
  auto path = [](const char* url) { return load_with({{"DATABASE_URL", url}}).value; };
  CAF_CHECK_EQUAL(path("file:./x/y.db").database_path, "./x/y.db");
  CAF_CHECK_EQUAL(path("file:./x/y.db").data_directory(), "./x");
  CAF_CHECK_EQUAL(path("file:/x.db").data_directory(), "/");
  CAF_CHECK_EQUAL(path("file:x.db").data_directory(), ".");
  CAF_CHECK_EQUAL(path("file:///var/x.db").database_path, "/var/x.db");
  for (auto bad : {"./x.db", "postgresql://h/db", "file:", "file:./x/", "file:x.db?mode=ro",
                   "file://host/x.db"})
    CAF_CHECK(complains(load_with({{"DATABASE_URL", bad}}), "DATABASE_URL"));
}

CAF_TEST(what is written into a URL or a header cannot break out of it) {
  CAF_CHECK(complains(load_with({{"OPENAI_REALTIME_MODEL", "m&x=1"}}), "OPENAI_REALTIME_MODEL"));
  CAF_CHECK(complains(load_with({{"OPENAI_API_KEY", "k\r\nX: y"}}), "OPENAI_API_KEY"));
  CAF_CHECK(complains(load_with({{"OPENAI_AUTH_HEADER", "X-Key"}}), "OPENAI_AUTH_HEADER"));
  CAF_CHECK_EQUAL(load_with({{"OPENAI_AUTH_HEADER", "api-key"}}).value.openai_auth_header,
                  "api-key");
}

CAF_TEST(each variable has its own option spelling) {
  CAF_CHECK_EQUAL(option_name("OPENAI_REALTIME_URL"), "--openai-realtime-url");
  std::set<std::string> spellings;
  for (auto& v : variables())
    CAF_CHECK(spellings.insert(option_name(v.name)).second);
}
