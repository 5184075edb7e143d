#define CAF_SUITE memory_trail
#define FAIL CAF_FAIL
#include "conf/memory_trail.hpp"

#include <memory>

#include <caf/test/dsl.hpp>

using namespace switchboard;

namespace {

constexpr size_t line = defaults::line::cache_line_bytes;

struct alignas(line) memory {
  char bytes[100 * line] = {};
};

} // namespace

CAF_TEST(a place is as many lines as it reaches into) {
  const memory of;
  memory_trail trail;
  CAF_CHECK_EQUAL(trail.lines(), 0u);
  trail.note(of.bytes, line);
  CAF_CHECK_EQUAL(trail.lines(), 1u);
  trail.note(of.bytes + line - 1, 2); // the end of one and the beginning of the next
  CAF_CHECK_EQUAL(trail.lines(), 3u);
  trail.note(of.bytes, 0);
  CAF_CHECK_EQUAL(trail.places(), 2u);
  trail.note(of.bytes, sizeof of.bytes); // no frame uses as much: cut
  CAF_CHECK_EQUAL(trail.lines(), 3 + defaults::line::trail_lines_max);
  trail.clear();
  CAF_CHECK_EQUAL(trail.places(), 0u);
}

CAF_TEST(past its bound nothing is noted) {
  const memory of;
  memory_trail trail;
  for (size_t i = 0; i < defaults::line::trail_places_max + 5; ++i)
    trail.note(of.bytes + i * line, 8);
  CAF_CHECK_EQUAL(trail.places(), defaults::line::trail_places_max);
  CAF_CHECK_EQUAL(trail.lines(), defaults::line::trail_places_max);
}

CAF_TEST(it is renewed by what newer work used and by nothing else) {
  const memory of;
  memory_trail trail, newer;
  trail.note(of.bytes, 3 * line);
  trail.renew(newer);
  CAF_CHECK_EQUAL(trail.lines(), 3u);
  newer.note(of.bytes, line);
  newer.note(of.bytes + line, line);
  trail.renew(newer);
  CAF_CHECK_EQUAL(trail.places(), 2u);
  CAF_CHECK_EQUAL(trail.lines(), 2u);
}

CAF_TEST(only while it is recorded what is touched is noted) {
  const memory of;
  memory_trail trail;
  touched(of.bytes, line);
  {
    const trail_recording on{trail};
    touched(of.bytes, line);
    touched_until(of.bytes, of.bytes + 2 * line);
  }
  touched(of.bytes, line);
  CAF_CHECK_EQUAL(trail.places(), 2u);
  CAF_CHECK_EQUAL(trail.lines(), 3u);
}

CAF_TEST(places that are gone do no harm) {
  memory_trail trail;
  {
    const auto gone = std::make_unique<memory>();
    trail.note(gone.get(), sizeof *gone);
  }
  trail.note(nullptr, 8);
  trail.fetch();
  memory_trail::fetch(nullptr, 3 * line);
  CAF_CHECK_EQUAL(trail.places(), 2u);
}
