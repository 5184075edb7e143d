#define CAF_SUITE recordings
#define FAIL CAF_FAIL
#include "conf/log.hpp"
#include "tests/simulation/recorded_call.hpp"

#include <algorithm>
#include <cstdlib>

using namespace switchboard;
using namespace switchboard::test;

namespace {

constexpr uint64_t length_tolerance_ms = 100;
constexpr uint64_t click_tolerance_ms = 20;

uint64_t number_of(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

uint64_t apart(uint64_t a, uint64_t b) {
  return a > b ? a - b : b - a;
}

/// What of `wanted` has nothing near it in `there`.
std::string missing(const char* what, const std::vector<uint64_t>& wanted,
                    const std::vector<uint64_t>& there, uint64_t tolerance_ms) {
  for (const auto at : wanted) {
    const auto near = [&](uint64_t x) { return apart(x, at) <= tolerance_ms; };
    if (std::none_of(there.begin(), there.end(), near))
      return std::string{what} + " at " + std::to_string(at) + " ms; ";
  }
  return {};
}

/// A random call over a network that stalls, bursts, loses and breaks off.
class random_recording {
public:
  explicit random_recording(uint64_t seed)
      : random_(seed), forward_ms_(random_() % 3 * 20), call_(seed, forward_ms_, random_() % 80) {}

  /// @returns what is wrong with the recording, nothing if all is well.
  std::string play() {
    const auto end_ms = between(5'000, 25'000);
    while (call_.now_ms() < end_ms) {
      something_happens();
      call_.step();
    }
    call_.run_until(std::max(call_.now_ms(), calm_from_ms_)); // no stream, no media time
    const auto media_ms = call_.now_ms();
    const auto row = call_.finish();
    if (!row)
      return "not sealed: " + row.detail();
    return wrong_with(media_ms);
  }

private:
  uint64_t between(uint64_t low, uint64_t high) { return low + random_() % (high - low + 1); }
  bool chance(double per_second) {
    return std::uniform_real_distribution<double>{0, 1}(random_) < per_second / 50;
  }

  void something_happens() {
    if (call_.now_ms() < calm_from_ms_)
      return;
    if (!call_.answering() && chance(0.5)) {
      const auto speed = between(1, 5); // first: compilers differ in the order of arguments
      call_.answer(between(200, 8'000), speed);
    }
    if (chance(0.1))
      call_.interrupt();
    if (chance(0.05))
      call_.stall(between(100, 3'000));
    if (chance(0.1))
      call_.lose(between(20, 2'000));
    if (!call_.answering() && chance(0.03)) {
      const auto away_ms = between(200, 3'000);
      call_.lose_stream(away_ms);
      calm_from_ms_ = call_.now_ms() + away_ms + 100;
    }
  }

  std::string wrong_with(uint64_t media_ms) const {
    std::string wrong;
    if (apart(call_.recorded_ms(), media_ms) > length_tolerance_ms)
      wrong += std::to_string(call_.recorded_ms()) + " ms of " + std::to_string(media_ms) + "; ";
    const auto caller = call_.recorded_clicks(0);
    const auto agent = call_.recorded_clicks(1);
    wrong +=
        missing("the caller's click is not", call_.caller_clicks(), caller, click_tolerance_ms);
    wrong += missing("no caller's click is", caller, call_.caller_clicks(), click_tolerance_ms);
    if (call_.stalled())
      return wrong;
    const auto tolerance = click_tolerance_ms + forward_ms_; // the way there no server can know
    wrong += missing("the agent's click is not", call_.agent_clicks(true), agent, tolerance);
    // Just before a cut only the echo of an earlier mark told, and that was on its way for a while.
    std::vector<uint64_t> told, untold;
    for (const auto at : agent)
      (call_.close_to_a_cut(at) ? untold : told).push_back(at);
    wrong += missing("no agent's click is", told, call_.agent_clicks(false), tolerance);
    wrong += missing("no agent's click is", untold, call_.agent_clicks(false),
                     tolerance + call_.echo_max_ms());
    return wrong;
  }

  std::mt19937_64 random_;
  uint64_t forward_ms_;
  recorded_call call_;
  uint64_t calm_from_ms_ = 500;
};

} // namespace

/// SWITCHBOARD_SEED=N SWITCHBOARD_CALLS=1 replays the call of a message; another first seed and
/// more calls look further.
CAF_TEST(whatever the network does the recording is as long as the call and all lies in its place) {
  const uint64_t first = number_of("SWITCHBOARD_SEED", 1);
  const uint64_t calls = number_of("SWITCHBOARD_CALLS", 60);
  for (uint64_t seed = first; seed < first + calls; ++seed) {
    const auto wrong = random_recording{seed}.play();
    if (!wrong.empty())
      CAF_ERROR("SWITCHBOARD_SEED=" << seed << ": " << wrong);
  }
  CAF_MESSAGE(calls << " calls from seed " << first);
  CAF_CHECK(true);
}

CAF_TEST(clicks of both sides lie together for half an hour with stalls and bursts) {
  constexpr uint64_t length_ms = 30 * 60'000;
  constexpr uint64_t turn_ms = 20'000;
  recorded_call call{1, 0, 60};
  while (call.now_ms() < length_ms) {
    if (call.now_ms() % turn_ms == 1'000)
      call.answer(turn_ms - 3'000, 5);
    if (call.now_ms() % 7'000 == 3'000)
      call.stall(900);
    call.step();
  }
  const auto row = call.finish();
  CAF_REQUIRE(row);
  CAF_CHECK_LESS_OR_EQUAL(apart(call.recorded_ms(), length_ms), length_tolerance_ms);
  const auto caller = call.recorded_clicks(0);
  const auto agent = call.recorded_clicks(1);
  CAF_CHECK_GREATER_OR_EQUAL(caller.size(), length_ms / 1'000 - 1);
  CAF_CHECK_EQUAL(agent.size(), length_ms / turn_ms * (turn_ms - 3'000) / 1'000);
  uint64_t worst_ms = 0;
  for (const auto at : caller)
    worst_ms = std::max(worst_ms, apart((at + 500) / 1'000 * 1'000, at));
  for (const auto at : agent)
    worst_ms = std::max(worst_ms, apart((at + 500) / 1'000 * 1'000, at));
  CAF_MESSAGE("worst offset of a click: " << worst_ms << " ms");
  CAF_CHECK_LESS_OR_EQUAL(worst_ms, click_tolerance_ms);
}
