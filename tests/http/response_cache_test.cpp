#define CAF_SUITE response_cache
#define FAIL CAF_FAIL

#include "conf/defaults/http.hpp"
#include "http/response_cache.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;

namespace {

namespace limits = defaults::http;
const response_cache::clock::time_point start{std::chrono::hours{1}};

actors::read_result page(size_t bytes) {
  return {200, std::string(bytes, 'x'), "\"tag\""};
}

/// An answer made now, from that much.
response_cache::origin made_from(const actors::row_versions& versions, uint8_t aspects,
                                 const std::vector<std::string>& calls = {}) {
  response_cache::origin made{versions.now(), start, {aspects, {}}};
  for (auto& id : calls)
    made.from.calls.push_back(actors::row_versions::place_of(id));
  return made;
}

} // namespace

CAF_TEST(an answer is good until what it was made from changes) {
  response_cache cache{limits::cached_bytes_max};
  actors::row_versions versions;
  versions.touch("one", actors::rows_all); // before it was made
  cache.put("a", made_from(versions, actors::rows_status, {"one"}), page(10));
  auto kept = [&] { return cache.find("a", versions, start) != nullptr; };
  CAF_REQUIRE(kept());
  CAF_CHECK_EQUAL(cache.find("a", versions, start)->body.size(), 10u);
  CAF_CHECK_EQUAL(std::string(cache.find("a", versions, start)->extra), "\"tag\"");
  CAF_CHECK(cache.find("b", versions, start) == nullptr);
  versions.touch("another", actors::rows_words);
  CAF_CHECK(kept());
  versions.touch("one", 0);
  CAF_CHECK(!kept());
  CAF_CHECK_EQUAL(cache.size(), 0u);
  CAF_CHECK_EQUAL(cache.bytes(), 0u);
  cache.put("a", made_from(versions, actors::rows_status, {"one"}), page(10));
  versions.touch("another", actors::rows_status);
  CAF_CHECK(!kept());
}

CAF_TEST(an answer whose rows changed while it was made is not good) {
  response_cache cache{limits::cached_bytes_max};
  actors::row_versions versions;
  auto made = made_from(versions, 0, {"one"});
  versions.touch("one", 0); // after the query's beginning, before its answer
  cache.put("a", std::move(made), page(10));
  CAF_CHECK(cache.find("a", versions, start) == nullptr);
}

CAF_TEST(an answer ages from the beginning of its query) {
  response_cache cache{limits::cached_bytes_max};
  const actors::row_versions versions;
  cache.put("a", made_from(versions, 0), page(10));
  CAF_CHECK(cache.find("a", versions, start + limits::cached_max) != nullptr);
  CAF_CHECK(cache.find("a", versions, start + limits::cached_max + std::chrono::milliseconds{1}) ==
            nullptr);
}

CAF_TEST(errors and huge answers are not kept and take the place of what was) {
  response_cache cache{limits::cached_bytes_max};
  const actors::row_versions versions;
  for (const auto& answer : {actors::read_result{404, "no", ""}, actors::read_result{503, "no", ""},
                             page(limits::cached_answer_bytes_max + 1)}) {
    cache.put("a", made_from(versions, 0), page(10));
    cache.put("a", made_from(versions, 0), answer);
    CAF_CHECK(cache.find("a", versions, start) == nullptr);
    CAF_CHECK_EQUAL(cache.bytes(), 0u);
  }
}

CAF_TEST(answers that are too old make room when another comes) {
  response_cache cache{limits::cached_bytes_max};
  const actors::row_versions versions;
  for (int i = 0; i < 10; ++i)
    cache.put(std::to_string(i), made_from(versions, 0), page(1'000));
  CAF_CHECK_EQUAL(cache.size(), 10u);
  auto later = made_from(versions, 0);
  later.began = start + limits::cached_max + std::chrono::milliseconds{1};
  cache.put("later", std::move(later), page(10));
  CAF_CHECK_EQUAL(cache.size(), 1u);
  CAF_CHECK(cache.bytes() < 1'000);
}

CAF_TEST(at its bound the answer not asked for the longest goes) {
  response_cache cache{limits::cached_bytes_max};
  const actors::row_versions versions;
  constexpr size_t bytes = limits::cached_answer_bytes_max;
  constexpr size_t fit = limits::cached_bytes_max / bytes - 1; // keys and nodes cost too
  for (size_t i = 0; i < fit; ++i)
    cache.put(std::to_string(i), made_from(versions, 0), page(bytes));
  CAF_CHECK_EQUAL(cache.size(), fit);
  CAF_CHECK(cache.find("0", versions, start) != nullptr); // asked for: the latest now
  cache.put("more", made_from(versions, 0), page(bytes));
  CAF_CHECK_EQUAL(cache.size(), fit);
  CAF_CHECK(cache.bytes() <= limits::cached_bytes_max);
  CAF_CHECK(cache.find("0", versions, start) != nullptr);
  CAF_CHECK(cache.find("1", versions, start) == nullptr);
  CAF_CHECK(cache.find("more", versions, start) != nullptr);
}
