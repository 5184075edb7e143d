#define CAF_SUITE downloads
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"

#include <atomic>
#include <thread>

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {
constexpr int downloaders = 40;
}

CAF_TEST_FIXTURE_SCOPE(downloads_tests, world)

CAF_TEST(forty downloads at once are whole and live calls lose no frame) {
  start_model();
  start_server();
  CAF_REQUIRE_EQUAL(place_calls("first", three_turns()), 0);
  CAF_REQUIRE(wait_for_recordings(1));
  const auto row = calls().at(0);
  const auto target = "/api/calls/" + row["id"].get<std::string>() + "/recording";
  const auto wav =
      read_file(path("data/recordings/" + row["recordings"][0]["filePath"].get<std::string>()));
  CAF_REQUIRE(wav.size() > 1'000'000); // several chunks each

  start_calls("live", {"--calls", "4", "--hangup-after", "8"});
  CAF_REQUIRE(wait_until([&] { return active_calls() == 4; }));
  std::atomic<int> whole{0}, parts{0}, wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < downloaders; ++i)
    readers.emplace_back([&, i] {
      while (active_calls() != 0) {
        const bool all = i % 2 == 0;
        const auto answer = get(target, all ? texts{} : texts{"Range: bytes=500000-799999"});
        if (answer.body != (all ? wav : wav.substr(500'000, 300'000)))
          ++wrong;
        else
          ++(all ? whole : parts);
      }
    });
  CAF_CHECK_EQUAL(finish_calls("live"), 0);
  for (auto& reader : readers)
    reader.join();
  CAF_CHECK_EQUAL(wrong.load(), 0);
  CAF_CHECK(whole >= downloaders / 2 && parts >= downloaders / 2);
  CAF_REQUIRE(wait_for_recordings(5));
  std::map<std::string, int> sent;
  const auto carrier = report("live");
  for (auto& call : carrier["calls"])
    sent[call["callSid"]] = call["totals"]["framesSent"].get<int>();
  int compared = 0;
  for (auto& call : calls()) {
    const auto placed = sent.find(call["callSid"]);
    if (placed == sent.end())
      continue;
    const auto metrics = json::parse(call["analytics"][0]["metrics"].get<std::string>());
    CAF_CHECK_EQUAL(metrics["framesIn"].get<int>(), placed->second);
    ++compared;
  }
  CAF_CHECK_EQUAL(compared, 4);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
