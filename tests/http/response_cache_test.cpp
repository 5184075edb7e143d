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

} // namespace

CAF_TEST(an answer is good until something is committed) {
  response_cache cache;
  cache.put("a", 7, start, page(10));
  auto* kept = cache.find("a", 7, start);
  CAF_REQUIRE(kept != nullptr);
  CAF_CHECK_EQUAL(kept->body.size(), 10u);
  CAF_CHECK_EQUAL(kept->extra, "\"tag\"");
  CAF_CHECK(cache.find("b", 7, start) == nullptr);
  CAF_CHECK(cache.find("a", 8, start) == nullptr);
  CAF_CHECK_EQUAL(cache.size(), 0u);
  CAF_CHECK_EQUAL(cache.bytes(), 0u);
}

CAF_TEST(an answer ages from the beginning of its query) {
  response_cache cache;
  cache.put("a", 1, start, page(10));
  CAF_CHECK(cache.find("a", 1, start + limits::cached_max) != nullptr);
  CAF_CHECK(cache.find("a", 1, start + limits::cached_max + std::chrono::milliseconds{1}) ==
            nullptr);
}

CAF_TEST(errors and huge answers are not kept and take the place of what was) {
  response_cache cache;
  for (const auto& answer : {actors::read_result{404, "no", ""}, actors::read_result{503, "no", ""},
                             page(limits::cached_answer_bytes_max + 1)}) {
    cache.put("a", 1, start, page(10));
    cache.put("a", 1, start, answer);
    CAF_CHECK(cache.find("a", 1, start) == nullptr);
    CAF_CHECK_EQUAL(cache.bytes(), 0u);
  }
}

CAF_TEST(at its bound the answer not asked for the longest goes) {
  response_cache cache;
  constexpr size_t bytes = limits::cached_answer_bytes_max;
  constexpr size_t fit = limits::cached_bytes_max / bytes - 1; // keys and nodes cost too
  for (size_t i = 0; i < fit; ++i)
    cache.put(std::to_string(i), 1, start, page(bytes));
  CAF_CHECK_EQUAL(cache.size(), fit);
  CAF_CHECK(cache.find("0", 1, start) != nullptr); // asked for: the latest now
  cache.put("more", 1, start, page(bytes));
  CAF_CHECK_EQUAL(cache.size(), fit);
  CAF_CHECK(cache.bytes() <= limits::cached_bytes_max);
  CAF_CHECK(cache.find("0", 1, start) != nullptr);
  CAF_CHECK(cache.find("1", 1, start) == nullptr);
  CAF_CHECK(cache.find("more", 1, start) != nullptr);
}
