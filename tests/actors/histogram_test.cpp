#define CAF_SUITE histogram
#define FAIL CAF_FAIL
#include "actors/histogram.hpp"

#include <thread>
#include <vector>

#include <caf/test/dsl.hpp>

using switchboard::actors::histogram;

namespace {
constexpr std::array<uint64_t, 3> bounds = {10, 20, 40};
}

CAF_TEST(a value on a bound belongs below it and one above all bounds to the last bucket) {
  histogram h{bounds};
  for (uint64_t value : {0, 10, 11, 40, 41, 1000})
    h.observe(value);
  CAF_CHECK_EQUAL(h.count(0), 2u);
  CAF_CHECK_EQUAL(h.count(1), 1u);
  CAF_CHECK_EQUAL(h.count(2), 1u);
  CAF_CHECK_EQUAL(h.count(h.buckets()), 2u);
  CAF_CHECK_EQUAL(h.sum(), 1102u);
}

CAF_TEST(no value is lost between threads) {
  histogram h{bounds};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&h] {
      for (uint64_t i = 0; i < 10'000; ++i)
        h.observe(i % 50);
    });
  for (auto& t : threads)
    t.join();
  CAF_CHECK_EQUAL(h.count(0) + h.count(1) + h.count(2) + h.count(3), 40'000u);
}
