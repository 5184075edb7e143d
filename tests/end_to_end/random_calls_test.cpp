#define CAF_SUITE random_calls
#define FAIL CAF_FAIL
#include "tests/end_to_end/sound.hpp"
#include "tests/end_to_end/world.hpp"

#include <cmath>
#include <cstdlib>
#include <map>
#include <random>
#include <sstream>

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

constexpr size_t calls_at_once = 20;

/// Twenty callers of different habits and bad luck at once, on a model that fails some of them. The
/// seed decides what goes wrong where; time does the rest, so that a seed comes close to a run and
/// is not one.
class random_world : public world {
public:
  random_world() {
    const char* given = std::getenv("SWITCHBOARD_SEED");
    const uint64_t seed = given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
    CAF_MESSAGE("SWITCHBOARD_SEED=" << seed);
    random_.seed(seed);
  }

  void begin() {
    start_model(model_faults());
    start_server({{"RESUME_WINDOW_S", "2"}, {"CONNECTIONS_PER_ADDRESS", "0"}});
    // What is made once is made now: pools, statements, caches.
    CAF_REQUIRE_EQUAL(place_calls("first", {"--hangup-after", "2"}), 0);
    CAF_REQUIRE(wait_for_recordings(1));
    CAF_REQUIRE(wait_until([&] { return actors() == 0; }));
    descriptors_ = metric("process_open_fds");
  }

  void play() {
    for (size_t i = 0; i < calls_at_once; ++i)
      start_calls(name(i), caller(i));
    hang_up_some();
    for (size_t i = 0; i < calls_at_once; ++i)
      finish_calls(name(i)); // what a caller thinks of it does not matter here
    CAF_CHECK(wait_for_recordings(calls_at_once + 1));
  }

  void check_calls() {
    const auto ends = ends_told();
    CAF_CHECK_EQUAL(ends.size(), calls_at_once + 1);
    for (auto& call : calls()) {
      const auto id = call["id"].get<std::string>();
      const auto told = ends.find(id);
      const bool once = told != ends.end() && told->second == 1;
      const bool closed = !call["endTime"].is_null() && !call["duration"].is_null();
      const auto figures = json::parse(call["analytics"].back()["metrics"].get<std::string>());
      const auto wav = load_sound(
          path("data/recordings/" + call["recordings"][0]["filePath"].get<std::string>()));
      const double media_s = figures["lengthMs"].get<double>() / 1000;
      const bool whole = std::abs(wav.seconds() - media_s) < 0.15;
      if (!once || !closed || !figures["final"].get<bool>() || !whole)
        CAF_ERROR(id << ": told once " << once << ", closed " << closed << ", " << wav.seconds()
                     << " s of " << media_s << " recorded");
    }
  }

  /// Deadlines of closing sockets and of reviews are the longest that anything lives on.
  void check_nothing_left() {
    CAF_CHECK(wait_until([&] { return actors() == 0; }, seconds{30}));
    CAF_CHECK_EQUAL(metric("switchboard_calls_active"), 0);
    CAF_CHECK_EQUAL(metric("switchboard_recorders"), 0);
    CAF_CHECK_EQUAL(metric("switchboard_streams_pending"), 0);
    CAF_CHECK_EQUAL(metric("switchboard_journal_lost_bytes_total"), 0);
    CAF_CHECK(wait_until([&] { return metric("process_open_fds") <= descriptors_; }));
  }

private:
  bool one_in(unsigned n) { return random_() % n == 0; }
  int between(int low, int high) {
    return low + static_cast<int>(random_() % static_cast<unsigned>(high - low + 1));
  }
  static std::string name(size_t i) { return "caller-" + std::to_string(i); }

  double actors() const {
    double sum = 0;
    for (int line = 0;; ++line) {
      const auto there =
          metric("switchboard_line_actors{line=\"line-" + std::to_string(line) + "\"}");
      if (there < 0)
        return sum;
      sum += there;
    }
  }

  /// Some of the sessions, each with a fault of its own. The first call's is left alone.
  texts model_faults() {
    texts options;
    for (int session = 2; session <= 30; ++session) {
      const auto at = std::to_string(session) + ":";
      const auto after_s = std::to_string(between(1, 8));
      switch (random_() % 14) {
      case 0:
        options.insert(options.end(), {"--drop-after", at + after_s});
        break;
      case 1:
        options.insert(options.end(), {"--close-after", at + after_s + ":1011"});
        break;
      case 2:
        options.insert(options.end(), {"--garbage", at + after_s});
        break;
      case 3:
        options.insert(options.end(), {"--stall", at + after_s});
        break;
      case 4:
        options.insert(options.end(), {"--slow", at + std::to_string(between(50, 400))});
        break;
      case 5:
        options.insert(options.end(), {"--http-status", at + "503"});
        break;
      case 6:
        options.insert(options.end(), {"--refuse", std::to_string(session)});
        break;
      default:
        break;
      }
    }
    return options;
  }

  /// What one caller does, and what the network does to it.
  texts caller(size_t i) {
    texts options{"--hangup-after",
                  std::to_string(between(5, 12)),
                  "--status-callback",
                  url("/twilio/call-status"),
                  "--from",
                  "+1555010" + std::to_string(1000 + i)};
    const auto add = [&](unsigned one_of, const std::string& option, const std::string& value) {
      if (!one_in(one_of))
        return;
      options.push_back(option);
      if (!value.empty())
        options.push_back(value);
    };
    const auto at_s = [&] { return std::to_string(between(1, 6)); };
    for (const char* words : {"caller_1.wav", "caller_2.wav", "caller_3.wav"})
      add(2, "--say-at", at_s() + ":" + speech(words));
    add(4, "--gap", at_s() + ":" + std::to_string(between(40, 900)));
    add(4, "--burst", at_s() + ":" + std::to_string(between(40, 900)));
    add(5, "--late-marks", std::to_string(between(20, 400)));
    add(5, "--dtmf", at_s() + ":12#");
    add(6, "--silent-after", at_s());
    add(6, "--second-stream-at", at_s());
    add(6, "--duplicate-webhook", "");
    add(4, "--shuffle-callbacks", "");
    add(4, "--stream-callbacks", "shuffle");
    if (one_in(4)) {
      add(1, "--abrupt-close", at_s());
      add(2, "--vanish", "");
    }
    return options;
  }

  /// The API ends two of them, wherever they are.
  void hang_up_some() {
    wait_until([&] { return calls().size() == calls_at_once + 1; });
    for (int i = 0; i < 2; ++i) {
      const auto row = calls().at(static_cast<size_t>(between(0, calls_at_once - 1)));
      post("/api/calls/" + row["id"].get<std::string>() + "/hangup", "");
    }
  }

  /// How often the end of each call was told, by the log.
  std::map<std::string, int> ends_told() const {
    std::map<std::string, int> result;
    std::istringstream lines{server_log()};
    for (std::string line; std::getline(lines, line);) {
      const auto entry = json::parse(line, nullptr, false);
      if (entry.is_object() && entry.value("message", "") == "call ended")
        ++result[entry.value("call_id", "")];
    }
    return result;
  }

  std::mt19937_64 random_;
  double descriptors_ = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(random_calls_tests, random_world)

CAF_TEST(twenty calls with faults at random all end once with whole records and leave nothing) {
  begin();
  play();
  check_calls();
  check_nothing_left();
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
