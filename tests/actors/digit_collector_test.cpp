#define CAF_SUITE digit_collector
#define FAIL CAF_FAIL
#include "actors/digit_collector.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;
using namespace std::chrono_literals;

CAF_TEST(keys pressed one after the other are one text) {
  digit_collector keys;
  const monotonic now{};
  keys.press('1', now);
  keys.press('2', now + 1000ms);
  CAF_CHECK(!keys.take(now + 2000ms));
  CAF_CHECK(keys.take(now + 2500ms) == std::optional<std::string>("12"));
  CAF_CHECK(!keys.take(now + 9000ms));
}

CAF_TEST(the hash key completes a text at once) {
  digit_collector keys;
  keys.press('7', {});
  keys.press('#', {});
  CAF_CHECK(keys.take({}) == std::optional<std::string>("7#"));
}

CAF_TEST(a text is complete when it is full and no longer) {
  digit_collector keys;
  for (size_t i = 0; i < 2 * defaults::tools::digits_max; ++i)
    keys.press('5', {});
  CAF_CHECK(keys.take({}) ==
            std::optional<std::string>(std::string(defaults::tools::digits_max, '5')));
}
