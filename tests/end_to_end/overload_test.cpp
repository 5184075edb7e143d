#define CAF_SUITE overload
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
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
          while (!over_within(milliseconds{100})) {
            whom.signal(SIGSTOP);
            over_within(milliseconds{300});
            whom.signal(SIGCONT);
          }
        }) {}
  ~stalls() {
    {
      const std::lock_guard<std::mutex> guard{mutex_};
      over_ = true;
    }
    told_.notify_one();
    thread_.join();
  }
  stalls(const stalls&) = delete;
  stalls& operator=(const stalls&) = delete;

private:
  bool over_within(milliseconds time) {
    std::unique_lock<std::mutex> guard{mutex_};
    return told_.wait_for(guard, time, [this] { return over_; });
  }

  std::mutex mutex_;
  std::condition_variable told_;
  bool over_ = false;
  std::thread thread_; // the last: it uses the others
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
