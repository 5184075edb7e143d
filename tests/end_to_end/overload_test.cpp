#define CAF_SUITE overload
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include <caf/test/dsl.hpp>

using namespace e2e;
using std::chrono::milliseconds;

namespace {

constexpr const char* overloaded = "switchboard_line_overloaded{line=\"line-0\"}";
constexpr const char* refused = "switchboard_admissions_total{result=\"overloaded\"}";

/// Halts a process again and again for longer than a line may be late, as a machine does that has
/// no core for it. What is meant to live through it gets a quarter of the time.
class stalls {
public:
  explicit stalls(const process& whom)
      : thread_([this, &whom] {
          while (!over_) {
            whom.signal(SIGSTOP);
            std::this_thread::sleep_for(milliseconds{300});
            whom.signal(SIGCONT);
            std::this_thread::sleep_for(milliseconds{100});
          }
        }) {}
  ~stalls() {
    over_ = true;
    thread_.join();
  }
  stalls(const stalls&) = delete;
  stalls& operator=(const stalls&) = delete;

private:
  std::atomic<bool> over_{false};
  std::thread thread_;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(overload_tests, world)

CAF_TEST(a late line refuses new calls and keeps its own and takes calls again when it is well) {
  start_model();
  start_server({{"LINES", "1"}});
  start_calls("living", {"--hangup-after", "15"});
  CAF_REQUIRE(wait_until([&] { return active_calls() == 1; }));
  CAF_CHECK_EQUAL(metric(overloaded), 0);
  {
    const stalls often{server};
    CAF_REQUIRE(wait_until([&] { return metric(overloaded) == 1; }));
    CAF_CHECK_EQUAL(place_calls("refused", {"--hangup-after", "2", "--expect-rejected"}), 0);
  }
  CAF_CHECK_EQUAL(metric(refused), 1);
  CAF_CHECK(wait_until([&] { return metric(overloaded) == 0; }));
  CAF_CHECK_EQUAL(place_calls("next", {"--hangup-after", "2"}), 0);
  CAF_CHECK_EQUAL(finish_calls("living"), 0);
  CAF_CHECK(wait_for_recordings(2));
  for (auto& call : calls())
    CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
