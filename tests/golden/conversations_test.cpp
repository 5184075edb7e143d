#define CAF_SUITE conversations
#define FAIL CAF_FAIL
#include "tests/golden/conversation_world.hpp"
#include "tests/golden/script.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace switchboard;
using namespace switchboard::actors;
using namespace switchboard::test;

namespace {

namespace files = std::filesystem;
using type = model_event_type;
constexpr const char* well_meant =
    R"({"sentiment":"positive","score":0.8,"summary":"A table was booked.","language":"en"})";

using actions = std::map<std::string, std::function<void(const script_step&)>>;

std::string read(const files::path& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Plays one script against the call and writes the timeline of what happened.
class player {
public:
  explicit player(script what) : script_(std::move(what)) {
    add_model_actions();
    add_people();
  }

  std::string play() {
    for (auto& line : script_.head)
      out_ << line << "\n";
    world_.note = [this](const std::string& line) { write("<", line); };
    size_t next = 0;
    while (next < script_.steps.size())
      world_.frame([&] {
        while (next < script_.steps.size() && script_.steps[next].at_ms <= world_.now_ms())
          take(script_.steps[next++]);
      });
    summarize();
    return out_.str();
  }

private:
  void take(const script_step& step) {
    write(">", step.line);
    if (step.line == "end")
      return;
    auto found = actions_.find(step.word(0) + " " + step.word(1));
    if (found == actions_.end())
      CAF_FAIL("nobody can do this: " << step.line);
    found->second(step);
  }

  void write(const char* direction, const std::string& line) {
    char time[16];
    std::snprintf(time, sizeof time, "%6d ", static_cast<int>(world_.now_ms()));
    out_ << time << direction << " " << line << "\n";
  }

  void add_model_actions() {
    actions_["model ready"] = [this](auto&) { world_.configure(); };
    actions_["model ready_for"] = [this](auto& s) { // SECONDS that the session lives
      world_.configure_for(static_cast<int64_t>(s.number(2)));
    };
    actions_["model calls"] = [this](auto& s) { // RESPONSE CALL NAME ARGUMENTS
      world_.model_calls(s.word(2), s.word(3), s.word(4), s.word(5));
    };
    actions_["model reviews"] = [this](auto& s) { // "text"
      model_event event;
      event.type = type::response_created;
      event.response_id = event.metadata_kind = "review";
      world_.tell(event);
      event.type = type::text_done;
      event.text = s.word(2) == "well" ? well_meant : s.word(2);
      world_.tell(event);
      event.type = type::response_done;
      event.status = response_status::completed;
      world_.tell(event);
    };
    actions_["model speaks"] = [this](auto& s) { // RESPONSE ITEM MS "text"
      begin_item(s);
      end_item(s);
    };
    actions_["model begins"] = [this](auto& s) { begin_item(s); };
    actions_["model goes_on"] = [this](auto& s) { // RESPONSE ITEM MS "text"
      world_.tell(type::audio_transcript_delta, s.word(3), s.word(2), s.word(5));
      world_.model_audio(s.word(2), s.word(3), s.number(4));
    };
    actions_["model ends"] = [this](auto& s) { end_item(s); }; // RESPONSE ITEM MS "text"
    actions_["model cancels"] = [this](auto& s) {
      world_.tell(type::response_done, {}, s.word(2));
    };
    actions_["model hears"] = [this](auto& s) { // ITEM SESSION_MS
      world_.speech(type::speech_started, s.word(2), s.number(3));
    };
    actions_["model heard"] = [this](auto& s) { // ITEM SESSION_MS PREVIOUS
      world_.speech(type::speech_stopped, s.word(2), s.number(3));
      model_event placed;
      placed.type = type::committed;
      placed.item_id = s.word(2);
      placed.previous_item_id = s.word(4);
      world_.tell(placed);
    };
    actions_["model transcribes"] = [this](auto& s) { // ITEM "text"
      world_.transcript(s.word(2), s.word(3), 0.9);
    };
    actions_["model fails"] = [this](auto& s) { // CODE
      model_event event;
      event.type = type::error;
      event.error_code = s.word(2);
      world_.tell(event);
    };
    actions_["model drops"] = [this](auto&) { world_.lose_model(); };
  }

  void add_people() {
    actions_["caller speaks"] = [this](auto&) { world_.caller_speaks = true; };
    actions_["caller pauses"] = [this](auto&) { world_.caller_speaks = false; };
    actions_["caller presses"] = [this](auto& s) {
      if (auto* sink = world_.at_carrier())
        sink->on_dtmf(s.word(2)[0]);
    };
    actions_["carrier stops"] = [this](auto&) { world_.caller_hangs_up(); };
    actions_["carrier closes"] = [this](auto&) { world_.carrier_closes(link_end::lost); };
    actions_["carrier returns"] = [this](auto&) { world_.carrier_returns(); };
    actions_["carrier reports"] = [this](auto& s) { world_.status(s.word(2)); };
    actions_["carrier asks"] = [this](auto&) {
      static const char* const names[] = {"hang up", "reconnect", "apologize", "dial",
                                          "press digits"};
      write("<", std::string{"answer "} + names[static_cast<int>(world_.stream_over())]);
    };
    actions_["node reviews"] = [this](auto&) { world_.config.review_calls = true; };
    actions_["tool answers"] = [this](auto&) { world_.answer_tools(); };
    actions_["api hangs_up"] = [this](auto&) { world_.hang_up(); };
  }

  void begin_item(const script_step& s) {
    world_.tell(type::response_created, {}, s.word(2));
    world_.tell(type::audio_transcript_delta, s.word(3), s.word(2), s.word(5));
    world_.model_audio(s.word(2), s.word(3), s.number(4));
  }
  void end_item(const script_step& s) {
    world_.tell(type::audio_transcript_done, s.word(3), s.word(2), s.word(5));
    world_.tell(type::audio_done, s.word(3), s.word(2));
    world_.tell(type::response_done, {}, s.word(2));
  }

  void summarize() {
    for (auto& item : world_.items())
      write("<", "caller heard " + item + " " + std::to_string(world_.heard_ms(item)) + " of " +
                     std::to_string(world_.sent_ms(item)) + " ms");
    write("<", "transcript " + world_.texts());
    for (auto& figures : world_.rows->figures)
      if (figures.sentiment)
        write("<", "review " + *figures.sentiment);
    write("<", std::string{"row "} + storage::to_string(world_.rows->calls[world_.call_id].status) +
                   ", " + std::to_string(world_.count(feed_type::call_ended)) + " ends, " +
                   std::to_string(world_.rows->recordings.size()) + " recordings, actor " +
                   (world_.ended->has_value() ? "gone" : "alive"));
    for (auto error : world_.truncation_errors_ms)
      CAF_CHECK_EQUAL(error, 0); // exact: nothing is delayed here
  }

  script script_;
  conversation_world world_{"golden", 1};
  actions actions_;
  std::ostringstream out_;
};

void check(const files::path& path) {
  const auto text = read(path);
  auto parsed = parse_script(text);
  if (!parsed.problem.empty())
    CAF_FAIL(path.filename() << ": " << parsed.problem);
  const auto played = player{std::move(parsed)}.play();
  if (std::getenv("SWITCHBOARD_GOLDEN_UPDATE") != nullptr) {
    std::ofstream{path} << played;
    return;
  }
  if (played == text)
    return;
  std::istringstream got{played}, wanted{text};
  std::string g, w;
  size_t number = 0;
  do {
    ++number;
    g.clear();
    w.clear();
    std::getline(got, g);
    std::getline(wanted, w);
  } while (g == w);
  CAF_ERROR(path.filename() << " line " << number << "\n  wanted " << w << "\n  got    " << g);
}

} // namespace

CAF_TEST(every golden conversation goes as it is written) {
  size_t conversations = 0;
  for (auto& entry : files::directory_iterator{SWITCHBOARD_SOURCE_DIR "/tests/golden"})
    if (entry.path().extension() == ".txt") {
      check(entry.path());
      ++conversations;
    }
  CAF_CHECK_GREATER(conversations, 10u);
}

CAF_TEST(a script that cannot be read says where) {
  CAF_CHECK_EQUAL(parse_script("0 > end\n").problem, "");
  CAF_CHECK_EQUAL(parse_script("# head\n10 > end\n").problem,
                  "line 2: times ascend in steps of 20 ms");
  CAF_CHECK_EQUAL(parse_script("20 > a\n0 > end\n").problem,
                  "line 2: times ascend in steps of 20 ms");
  CAF_CHECK_EQUAL(parse_script("hello\n").problem, "line 1 is no step");
  CAF_CHECK_EQUAL(parse_script("0 > caller speaks\n").problem, "the last step is not `end`");
  const auto quoted = parse_script("0 > model transcribes u1 \"two words\"\n0 > end\n");
  CAF_CHECK_EQUAL(quoted.steps[0].word(3), "two words");
}
