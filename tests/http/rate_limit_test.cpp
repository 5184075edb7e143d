#define CAF_SUITE rate_limit
#define FAIL CAF_FAIL

#include "http/rate_limit.hpp"

#include <caf/test/dsl.hpp>

using std::chrono::milliseconds;
using std::chrono::seconds;
using switchboard::http::rate_limit;

namespace {

const rate_limit::clock::time_point start{seconds{1000}};

int allowed_of(rate_limit& limit, const std::string& name, int tries,
               rate_limit::clock::time_point now) {
  int count = 0;
  for (int i = 0; i < tries; ++i)
    count += limit.take(name, now) == 0 ? 1 : 0;
  return count;
}

} // namespace

CAF_TEST(a quiet token may make two seconds worth at once and then its rate) {
  rate_limit limit{10};
  CAF_CHECK_EQUAL(allowed_of(limit, "a", 100, start), 20);
  CAF_CHECK_EQUAL(allowed_of(limit, "a", 100, start + milliseconds{500}), 5);
  CAF_CHECK_EQUAL(allowed_of(limit, "a", 100, start + milliseconds{1500}), 10);
  CAF_CHECK_EQUAL(allowed_of(limit, "a", 100, start + seconds{3600}), 20);
}

CAF_TEST(tokens do not share) {
  rate_limit limit{1};
  CAF_CHECK_EQUAL(allowed_of(limit, "a", 10, start), 2);
  CAF_CHECK_EQUAL(allowed_of(limit, "b", 10, start), 2);
}

CAF_TEST(who is refused is told a whole second after which it works) {
  rate_limit limit{1};
  allowed_of(limit, "a", 2, start);
  auto wait_s = limit.take("a", start + milliseconds{1});
  CAF_CHECK_EQUAL(wait_s, 1);
  CAF_CHECK_EQUAL(limit.take("a", start + seconds{wait_s} + milliseconds{1}), 0);
  rate_limit fast{1000};
  allowed_of(fast, "a", 2000, start);
  CAF_CHECK_EQUAL(fast.take("a", start), 1); // never 0: that would be "go on"
}

CAF_TEST(a clock that stands or goes back gives nothing) {
  rate_limit limit{1};
  allowed_of(limit, "a", 2, start);
  CAF_CHECK(limit.take("a", start) > 0);
  CAF_CHECK(limit.take("a", start - seconds{10}) > 0);
  CAF_CHECK_EQUAL(limit.take("a", start + seconds{1}), 0);
}

CAF_TEST(zero is no limit) {
  rate_limit limit{0};
  CAF_CHECK_EQUAL(allowed_of(limit, "a", 10'000, start), 10'000);
}
