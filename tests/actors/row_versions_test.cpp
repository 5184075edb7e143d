#define CAF_SUITE row_versions
#define FAIL CAF_FAIL

#include "actors/row_versions.hpp"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;
namespace defaults = switchboard::defaults;

namespace {

row_versions::source from(uint8_t aspects, const std::string& id = {}) {
  row_versions::source x{aspects, {}};
  if (!id.empty())
    x.calls.push_back(row_versions::place_of(id));
  return x;
}

} // namespace

CAF_TEST(a change is seen by what depends on its call or on its aspect) {
  row_versions versions;
  const auto since = versions.now();
  versions.touch("a", rows_words);
  CAF_CHECK(!versions.unchanged(since, from(0, "a")));
  CAF_CHECK(!versions.unchanged(since, from(rows_words)));
  CAF_CHECK(!versions.unchanged(since, from(rows_all, "b")));
  CAF_CHECK(versions.unchanged(since, from(0, "b")));
  CAF_CHECK(versions.unchanged(since, from(rows_of_calls | rows_status | rows_feeling, "b")));
  CAF_CHECK(versions.unchanged(since, from(0)));
  CAF_CHECK(versions.unchanged(versions.now(), from(rows_all, "a")));
}

CAF_TEST(a change of nothing that is known changes no answer) {
  row_versions versions;
  const auto since = versions.now();
  versions.touch({}, 0);
  CAF_CHECK(versions.unchanged(since, from(rows_all, "a")));
  versions.touch_all();
  CAF_CHECK(!versions.unchanged(since, from(0)));
  CAF_CHECK(versions.unchanged(versions.now(), from(rows_all, "a")));
}

CAF_TEST(calls that share a place make each other look changed) {
  // More calls than places: some pair shares one.
  std::vector<std::string> first(defaults::database::version_places);
  std::string a, b;
  for (int i = 0; a.empty(); ++i) {
    auto id = std::to_string(i);
    auto& there = first[row_versions::place_of(id)];
    if (there.empty())
      there = id;
    else
      a = there, b = id;
  }
  row_versions versions;
  const auto since = versions.now();
  versions.touch(a, 0);
  CAF_CHECK(!versions.unchanged(since, from(0, b)));
}

CAF_TEST(of many writers the latest change counts) {
  auto versions = std::make_unique<row_versions>();
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i)
    writers.emplace_back([&versions] {
      for (int j = 0; j < 10'000; ++j)
        versions->touch("a", rows_words);
    });
  for (auto& one : writers)
    one.join();
  CAF_CHECK_EQUAL(versions->now(), 40'000u);
  CAF_CHECK(!versions->unchanged(39'999, from(0, "a")));
  CAF_CHECK(!versions->unchanged(39'999, from(rows_words)));
  CAF_CHECK(versions->unchanged(40'000, from(rows_all, "a")));
}
