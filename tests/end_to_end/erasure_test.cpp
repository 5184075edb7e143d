#define CAF_SUITE erasure
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"

#include <filesystem>

#include <caf/test/dsl.hpp>

using namespace e2e;
namespace fs = std::filesystem;

namespace {

struct fixture : world {
  /// @returns the status of DELETE.
  std::string erase(const std::string& id) {
    fs::remove(path("erase"));
    process curl{"/usr/bin/curl",
                 {"-s", "-o", path("erase.body"), "-w", "%{http_code}", "-X", "DELETE",
                  url("/api/calls/" + id)},
                 {{"PATH", "/usr/bin"}},
                 path("erase")};
    curl.wait(seconds{30});
    return read_file(path("erase"));
  }
  size_t files() const {
    size_t count = 0;
    for (auto& entry : fs::recursive_directory_iterator{path("data/recordings")})
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(erasure_tests, fixture)

CAF_TEST(an ended call is erased with its recording and journal and an active one is not ) {
  start_model();
  start_server();
  start_calls("caller", {"--hangup-after", "4"});
  CAF_REQUIRE(wait_until([&] { return calls().size() == 1; }));
  const auto id = calls().at(0)["id"].get<std::string>();
  CAF_CHECK_EQUAL(erase(id), "409");
  CAF_CHECK(read_file(path("erase.body")).find("CALL_ACTIVE") != std::string::npos);
  finish_calls("caller");
  CAF_REQUIRE(wait_for_recordings(1));
  CAF_CHECK_EQUAL(files(), 2u); // WAV and journal
  CAF_CHECK_EQUAL(erase(id), "204");
  CAF_CHECK_EQUAL(files(), 0u);
  CAF_CHECK_EQUAL(calls().size(), 0u);
  CAF_CHECK_EQUAL(erase(id), "404");
  const auto log = server_log();
  const auto audit = log.find("call erased");
  CAF_REQUIRE(audit != std::string::npos);
  CAF_CHECK(log.find(id, audit) != std::string::npos);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
