#define CAF_SUITE model_prices
#define FAIL CAF_FAIL
#include "conf/model_prices.hpp"

#include <caf/test/dsl.hpp>

using switchboard::conf::parse_model_prices;

CAF_TEST(a price table is five numbers) {
  const auto prices = parse_model_prices("1,2.5,3,4,5");
  CAF_REQUIRE(prices.has_value());
  CAF_CHECK_EQUAL(prices->cached_in, 2.5);
  CAF_CHECK_EQUAL(prices->audio_out, 5.0);
}

CAF_TEST(anything else is none) {
  for (const char* text : {"", "1,2,3,4", "1,2,3,4,5,6", "1,2,3,4,x", "1,2,3,4,-5", "1;2,3,4,5",
                           "1,2,3,4,inf", "1,2,3,4,5 USD", "nan,2,3,4,5"})
    CAF_CHECK(!parse_model_prices(text));
}
