#define CAF_SUITE openai_script
#define FAIL CAF_FAIL
#include "tools/sim_common/openai_faults.hpp"
#include "tools/sim_common/openai_script.hpp"

#include <caf/test/dsl.hpp>

using namespace sim::openai;

namespace {

samples no_wav(const std::string& name) {
  throw std::runtime_error("cannot open " + name);
}

std::string problem_of(const std::string& text) {
  try {
    parse_script(text, no_wav);
  } catch (const script_error& problem) {
    return problem.what();
  }
  return "none";
}

bool refused(const char* text) {
  try {
    parse_fault(text, 1);
  } catch (const fault_error&) {
    return true;
  }
  return false;
}

const char* story = R"({"greeting": {"text": "Hi."},
  "turns": [{"hears": "one", "says": {"text": "First."}},
            {"hears": "two", "before": {"text": "Wait."}, "tool": {"name": "look", "arguments": {"a": 1}},
             "says": {"text": "Found."}}],
  "otherwise": {"hears": "more", "says": {"text": "Well."}},
  "prompts": [{"match": "apolog", "text": "Sorry."}],
  "out_of_band": [{"match": "mood", "text": "Good."}]})";

dialogue after(size_t turns) {
  dialogue state;
  state.user_turns = turns;
  state.any_assistant = true;
  return state;
}

} // namespace

CAF_TEST(mistakes are named with their place) {
  CAF_CHECK_EQUAL(problem_of("{"), "script: not JSON");
  CAF_CHECK_EQUAL(problem_of(R"({"turn": []})"), "script.turn: unknown key");
  CAF_CHECK_EQUAL(problem_of(R"({"turns": {}})"), "turns: expected an array");
  CAF_CHECK_EQUAL(problem_of(R"({"turns": [{"says": {}}]})"), "turns[0].says.text: missing");
  CAF_CHECK_EQUAL(problem_of(R"({"turns": [{"tool": {"arguments": {}}}]})"),
                  "turns[0].tool.name: missing");
  CAF_CHECK_EQUAL(problem_of(R"({"turns": [{"hears": 7}]})"), "turns[0].hears: expected a string");
  CAF_CHECK_EQUAL(problem_of(R"({"greeting": {"text": "x", "wav": "no.wav"}})"),
                  "greeting.says.wav: cannot open no.wav");
  CAF_CHECK_EQUAL(problem_of(R"({"turns": [{"hears_after_ms": -1}]})"),
                  "turns[0].hears_after_ms: expected a number of milliseconds");
  CAF_CHECK_EQUAL(problem_of("{}"), "none");
}

CAF_TEST(a missing file and a good one) {
  CAF_CHECK(problem_of("{}") == "none");
  try {
    load_script("/nonexistent/script.json");
    CAF_FAIL("loaded a script that is not there");
  } catch (const script_error& problem) {
    CAF_CHECK(std::string(problem.what()).find("cannot be read") != std::string::npos);
  }
  const auto lines = load_script("tests/data/speech/conversation.json");
  CAF_CHECK_EQUAL(lines.turns.size(), 3u);
  CAF_CHECK(lines.greeting.says->sound->size() > 3 * 8000);
  CAF_CHECK_EQUAL(lines.turns[1].calls[0].arguments, R"({"guests":2,"time":"19:00"})");
}

CAF_TEST(the line follows the count of user turns) {
  const auto lines = parse_script(story, no_wav);
  CAF_CHECK_EQUAL(std::string(choose_line(lines, dialogue{}).says->text), "Hi.");
  CAF_CHECK_EQUAL(std::string(choose_line(lines, after(1)).says->text), "First.");
  CAF_CHECK_EQUAL(std::string(choose_line(lines, after(9)).says->text), "Well.");
  auto answered = after(1);
  answered.answered = true;
  CAF_CHECK_EQUAL(std::string(choose_line(lines, answered).says->text), "Well.");
}

CAF_TEST(a resumed session greets only when it is told to) {
  const auto lines = parse_script(story, no_wav);
  CAF_CHECK_EQUAL(std::string(choose_line(lines, after(0)).says->text), "Well.");
  auto told = after(0);
  told.instructions = "Greet the caller again.";
  CAF_CHECK_EQUAL(std::string(choose_line(lines, told).says->text), "Hi.");
  told.instructions = "Please apologise.";
  CAF_CHECK_EQUAL(std::string(choose_line(lines, told).says->text), "Sorry.");
}

CAF_TEST(a tool is called first and answered after its output) {
  const auto lines = parse_script(story, no_wav);
  auto state = after(2);
  const auto first = choose_line(lines, state);
  CAF_CHECK_EQUAL(first.says->text, "Wait.");
  CAF_REQUIRE_EQUAL(first.calls.size(), 1u);
  CAF_CHECK_EQUAL(first.calls[0].arguments, R"({"a":1})");
  state.called = true;
  CAF_CHECK_EQUAL(std::string(choose_line(lines, state).says->text), "Well.");
  state.tool_output = true;
  CAF_CHECK_EQUAL(std::string(choose_line(lines, state).says->text), "Found.");
}

CAF_TEST(out of band prompts are matched and have a default) {
  const auto lines = parse_script(story, no_wav);
  CAF_CHECK_EQUAL(std::string(choose_apart(lines, "the mood of the caller").says->text), "Good.");
  CAF_CHECK(!choose_apart(lines, "anything").says->text.empty());
}

CAF_TEST(fault switches name sessions) {
  const auto one = parse_fault("1:4.5", 1);
  CAF_CHECK(one.sessions.meets(1) && !one.sessions.meets(2));
  CAF_CHECK_EQUAL(one.value, 4.5);
  const auto all = parse_fault("2:1011", 2);
  CAF_CHECK(all.sessions.meets(7));
  CAF_CHECK_EQUAL(all.code, 1011);
  CAF_CHECK(parse_sessions("2-3").meets(3) && !parse_sessions("2-3").meets(4));
  CAF_CHECK(parse_sessions("2+").meets(99) && !parse_sessions("2+").meets(1));
  for (const char* bad : {"", "x", "0:1", "1:x", "1:-2", "1:2:3", "-:1"})
    CAF_CHECK(refused(bad));
}
