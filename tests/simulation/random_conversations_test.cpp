#define CAF_SUITE random_conversations
#define FAIL CAF_FAIL
#include "conf/log.hpp"
#include "tests/simulation/random_call.hpp"

#include <cstdlib>

using namespace switchboard;
using namespace switchboard::test;

namespace {

uint64_t number_of(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

} // namespace

/// SWITCHBOARD_SEED=N SWITCHBOARD_CALLS=1 replays the call of a message; another first seed and
/// more calls look further.
CAF_TEST(whatever happens every call ends once and leaves complete records and nothing else) {
  const uint64_t first = number_of("SWITCHBOARD_SEED", 1);
  const uint64_t calls = number_of("SWITCHBOARD_CALLS", 500);
  for (uint64_t seed = first; seed < first + calls; ++seed)
    for (auto& problem : random_call{seed}.play())
      CAF_ERROR("SWITCHBOARD_SEED=" << seed << ": " << problem);
  CAF_MESSAGE(calls << " calls from seed " << first);
  CAF_CHECK(true);
}
