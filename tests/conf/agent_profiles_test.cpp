#define CAF_SUITE agent_profiles
#define FAIL CAF_FAIL

#include "conf/agent_profiles.hpp"
#include "tests/conf/config_fixture.hpp"

#include <sstream>

#include <caf/test/dsl.hpp>

using namespace switchboard::conf;
using namespace switchboard::conf::test;

namespace {

struct fixture {
  fixture() {
    config_.agent_name = "built-in";
    config_.agent_greeting = "Hello.";
    config_.openai_voice = "marin";
  }

  agent_profiles_ptr parse(const std::string& text) {
    problems.clear();
    return parse_agent_profiles(text, config_, problems);
  }

  /// The places of all mistakes, in order.
  std::vector<std::string> mistakes(const std::string& text) {
    CAF_CHECK(parse(text) == nullptr);
    std::vector<std::string> places;
    for (auto& each : problems)
      places.push_back(each.what.substr(0, each.what.find(": ")));
    return places;
  }

  config config_;
  std::vector<problem> problems;
};

using places = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(agent_profiles_tests, fixture)

CAF_TEST(a number has its profile and others the default) {
  auto all = parse(R"({"default": "a", "numbers": {"+15550100002": "b"},
                       "profiles": {"a": {"voice": "cedar"}, "b": {"greeting": ""}}})");
  CAF_REQUIRE(all != nullptr);
  CAF_CHECK_EQUAL(all->of("+15550100002")->name, "b");
  CAF_CHECK_EQUAL(all->of("+15550100002")->greeting, "");
  CAF_CHECK_EQUAL(all->of("+15550100002")->voice, "marin"); // left out: as the variables say
  CAF_CHECK_EQUAL(all->of("anonymous")->name, "a");
  CAF_CHECK_EQUAL(all->of("")->voice, "cedar");
}

CAF_TEST(without a default the variables describe it) {
  auto all = parse(R"({"numbers": {"+15550100002": "b"}, "profiles": {"b": {}}})");
  CAF_REQUIRE(all != nullptr);
  CAF_CHECK_EQUAL(all->of("+15550109999")->name, "built-in");
  CAF_CHECK_EQUAL(all->of("+15550109999")->greeting, "Hello.");
}

CAF_TEST(everything a profile can say is read) {
  auto all = parse(R"({"default": "x", "profiles": {"x": {
    "instructions": "i", "greeting": "g", "voice": "v", "language": "de",
    "transcription_model": "t", "barge_in": "off", "recording": false, "when_full": "reject_busy",
    "consent": "c", "fallback_number": "+15550100009", "transfers": {"desk": "+15550100008"},
    "limits": {"call_s": 1, "idle_caller_s": 2, "model_silence_s": 3, "model_s": 4},
    "tools": ["send_dtmf", "pause_recording", {"name": "find", "description": "d", "url": "http://h/p",
              "parameters": {"type": "object"}, "timeout_ms": 700, "idempotent": true,
              "secret": "s"}]}}})");
  CAF_REQUIRE(all != nullptr);
  const auto& x = *all->fallback;
  CAF_CHECK_EQUAL(x.instructions + x.greeting + x.voice + x.language, "igvde");
  CAF_CHECK_EQUAL(x.transcription_model, "t");
  CAF_CHECK(x.interruptions == barge_in::off);
  CAF_CHECK(!x.record);
  CAF_CHECK(x.at_capacity == when_full::reject_busy);
  CAF_CHECK_EQUAL(x.consent, "c");
  CAF_CHECK_EQUAL(x.fallback_number, "+15550100009");
  CAF_REQUIRE_EQUAL(x.transfers.size(), 1u);
  CAF_CHECK_EQUAL(x.transfers[0].name + x.transfers[0].number, "desk+15550100008");
  CAF_CHECK_EQUAL(x.limits.call_s + x.limits.idle_caller_s * 10 + x.limits.model_silence_s * 100 +
                      x.limits.model_s * 1000,
                  4321u);
  CAF_CHECK(!x.end_call); // the list of tools says it all
  CAF_CHECK(x.send_dtmf);
  CAF_CHECK(x.pause_recording);
  CAF_REQUIRE_EQUAL(x.tools.size(), 1u);
  CAF_CHECK_EQUAL(x.tools[0].name + x.tools[0].description + x.tools[0].secret, "findds");
  CAF_CHECK_EQUAL(x.tools[0].url, "http://h/p");
  CAF_CHECK_EQUAL(x.tools[0].parameters_json, R"({"type":"object"})");
  CAF_CHECK_EQUAL(x.tools[0].timeout_ms, 700u);
  CAF_CHECK(x.tools[0].idempotent);
}

CAF_TEST(each mistake is told with its place and all of them at once) {
  CAF_CHECK_EQUAL(
      mistakes(R"({"default": "gone", "numbers": {"555": "sales", "+15550100002": "nobody"},
    "profiles": {"sales": {
      "voise": "marin", "barge_in": "sometimes", "recording": "yes", "language": "english",
      "limits": {"call_s": -1, "calls": 3}, "transfers": {"desk": "0190"},
      "tools": ["hang_up", {"name": "end_call", "url": "ftp://h/"}, {"name": "a b", "url": "https://h/",
                "timeout_ms": 5, "parameters": []}, {"url": "https://h/"}]}}})"),
      (places{"profiles.sales.language", "profiles.sales.recording", "profiles.sales.barge_in",
              "profiles.sales.tools[0]", "profiles.sales.tools[1].name",
              "profiles.sales.tools[1].url", "profiles.sales.tools[2].name",
              "profiles.sales.tools[2].parameters", "profiles.sales.tools[2].timeout_ms",
              "profiles.sales.tools[3].name", "profiles.sales.transfers.desk",
              "profiles.sales.limits.call_s", "profiles.sales.limits.calls", "profiles.sales.voise",
              "default", "numbers.+15550100002", "numbers.555"}));
}

CAF_TEST(two tools of a profile do not share a name) {
  CAF_CHECK_EQUAL(mistakes(R"({"profiles": {"a": {"tools": [{"name": "x", "url": "https://h/"},
                              {"name": "x", "url": "https://h/"}]}}})"),
                  (places{"profiles.a.tools[1].name"}));
}

CAF_TEST(what is not an object of profiles is refused) {
  for (auto* text : {"", "[]", "null", "{", R"({"profiles": {}} x)"}) {
    CAF_CHECK(parse(text) == nullptr);
    CAF_CHECK_EQUAL(problems.size(), 1u);
  }
  CAF_CHECK_EQUAL(mistakes(R"({"profiles": 1})"), (places{"profiles"}));
  CAF_CHECK_EQUAL(mistakes(R"({})"), (places{"profiles"}));
  CAF_CHECK_EQUAL(mistakes(R"({"profiles": {"a": 1, "b c": {}}})"),
                  (places{"profiles.a", "profiles.b c"}));
}

CAF_TEST(nesting beyond the bound is refused before it is read) {
  const std::string deep(100'000, '[');
  CAF_CHECK(parse(R"({"profiles": )" + deep) == nullptr);
  CAF_CHECK_EQUAL(problems.size(), 1u);
}

CAF_TEST(mistakes are told up to a bound) {
  std::string keys;
  for (int i = 0; i < 1000; ++i)
    keys += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
  CAF_CHECK(parse(R"({"profiles": {"a": {)" + keys + "}}}") == nullptr);
  CAF_CHECK_EQUAL(problems.size(), switchboard::defaults::agent::problems_max);
}

CAF_TEST(a secret is never shown and may come from a file) {
  temporary_folder folder;
  const auto path = folder.write("secret", "from-file\n");
  auto tool = [](const std::string& secret) {
    return R"({"profiles": {"a": {"tools": [{"name": "x", "url": "https://h/", )" + secret +
           "}]}},"
           R"("default": "a"})";
  };
  auto all = parse(tool("\"secret_file\": \"" + path + "\""));
  CAF_REQUIRE(all != nullptr);
  CAF_CHECK_EQUAL(all->fallback->tools[0].secret, "from-file");
  CAF_CHECK_EQUAL(mistakes(tool("\"secret_file\": \"/nowhere\"")),
                  (places{"profiles.a.tools[0].secret_file"}));
  mistakes(tool("\"secret\": 815, \"secret_file\": \"" + path + "\""));
  CAF_CHECK(joined(problems).find("815") == std::string::npos);
}

CAF_TEST(production takes no unencrypted tool) {
  config_.env = environment::production;
  CAF_CHECK_EQUAL(
      mistakes(R"({"profiles": {"a": {"tools": [{"name": "x", "url": "http://h/"}]}}})"),
      (places{"profiles.a.tools[0].url"}));
}

CAF_TEST(the sample loads) {
  auto result = load_with({{"AGENT_PROFILES", "conf/agent_profiles.example.json"}});
  CAF_CHECK_EQUAL(joined(result.problems), "");
  std::vector<problem> none;
  auto all = load_agent_profiles(result.value, none);
  CAF_REQUIRE(all != nullptr);
  CAF_CHECK_EQUAL(all->of("+15550100003")->tools.size(), 1u);
  CAF_CHECK_EQUAL(all->of("+15550100002")->transfers.size(), 2u);
}

CAF_TEST(a file that is missing or wrong stops the start) {
  CAF_CHECK(complains(load_with({{"AGENT_PROFILES", "/nowhere.json"}}), "AGENT_PROFILES"));
  temporary_folder folder;
  const auto path =
      folder.write("p.json", R"({"profiles": {"sales": {"tools": [{"name": "x"}]}}})");
  const auto result = load_with({{"AGENT_PROFILES", path}});
  CAF_CHECK(joined(result.problems).find("profiles.sales.tools[0].url: is missing") !=
            std::string::npos);
}

CAF_TEST(the store gives what was set last) {
  auto first = parse(R"({"profiles": {"a": {}}, "default": "a"})");
  auto second = parse(R"({"profiles": {"b": {}}, "default": "b"})");
  profile_store store(first);
  auto kept = store.of("+1");
  store.set(second);
  CAF_CHECK_EQUAL(store.of("+1")->name, "b");
  CAF_CHECK_EQUAL(kept->name, "a"); // a call in progress keeps its own
}

CAF_TEST_FIXTURE_SCOPE_END()
