#define CAF_SUITE places
#define FAIL CAF_FAIL

#include "http/places.hpp"

#include <vector>

#include <caf/test/dsl.hpp>

using switchboard::http::places;

CAF_TEST(a name has as many places as the bound) {
  places kept{2};
  auto first = kept.take("a");
  auto second = kept.take("a");
  CAF_CHECK(first != nullptr && second != nullptr);
  CAF_CHECK(kept.take("a") == nullptr);
  CAF_CHECK(kept.take("b") != nullptr);
  CAF_CHECK_EQUAL(kept.taken("a"), 2u);
  first = nullptr;
  CAF_CHECK(kept.take("a") != nullptr); // dropped at once
  CAF_CHECK_EQUAL(kept.taken("a"), 1u);
}

CAF_TEST(a name without a place is forgotten) {
  places kept{1};
  for (int i = 0; i < 1000; ++i)
    kept.take("client " + std::to_string(i));
  CAF_CHECK_EQUAL(kept.names(), 0u);
  auto held = kept.take("x");
  CAF_CHECK(kept.take("x") == nullptr);
  CAF_CHECK_EQUAL(kept.names(), 1u);
}

CAF_TEST(copies of a place are one and it may outlive what counts) {
  places::place outliving;
  {
    places kept{1};
    auto first = kept.take("a");
    auto copy = first;
    first = nullptr;
    CAF_CHECK(kept.take("a") == nullptr);
    outliving = copy;
  }
  outliving = nullptr;
}

CAF_TEST(zero is no bound) {
  places kept{0};
  std::vector<places::place> all;
  for (int i = 0; i < 1000; ++i)
    all.push_back(kept.take("a"));
  CAF_CHECK(all.back() != nullptr);
  CAF_CHECK_EQUAL(kept.taken("a"), 1000u);
}
