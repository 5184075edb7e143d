#define CAF_SUITE load_spread
#define FAIL CAF_FAIL
#include "tools/sim_common/load_spread.hpp"

#include <caf/test/dsl.hpp>

using sim::load_spread;

CAF_TEST(percentiles are right to 2 percent over six orders of magnitude) {
  for (int64_t scale : {1, 1000, 1'000'000}) {
    load_spread spread;
    for (int64_t i = 1; i <= 1000; ++i)
      spread.add(i * scale);
    for (double share : {0.5, 0.9, 0.99, 0.999, 1.0}) {
      const double wanted = share * 1000 * static_cast<double>(scale);
      CAF_CHECK(static_cast<double>(spread.at(share)) >= wanted * 0.999);
      CAF_CHECK(static_cast<double>(spread.at(share)) <= wanted * 1.02);
    }
    CAF_CHECK_EQUAL(spread.max(), 1000 * scale);
    CAF_CHECK_EQUAL(spread.count(), 1000u);
  }
}

CAF_TEST(one late value among many shows in the maximum and not in the median) {
  load_spread spread;
  for (int i = 0; i < 999; ++i)
    spread.add(10);
  spread.add(5'000'000);
  CAF_CHECK_EQUAL(spread.at(0.5), 10);
  CAF_CHECK_EQUAL(spread.at(0.999), 10);
  CAF_CHECK_EQUAL(spread.max(), 5'000'000);
}

CAF_TEST(nothing and what lies outside of all buckets is no trouble) {
  load_spread spread;
  CAF_CHECK_EQUAL(spread.at(0.99), 0);
  spread.add(-5);
  CAF_CHECK_EQUAL(spread.at(1), 0);
  spread.add(INT64_MAX);
  CAF_CHECK(spread.at(1) > 1'000'000'000);
}
