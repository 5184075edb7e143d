// The carrier's playback buffer in virtual time; 8 samples are one millisecond.
#define CAF_SUITE twilio_playout
#define FAIL CAF_FAIL

#include "tools/sim_common/twilio_playout.hpp"

#include <caf/test/dsl.hpp>

using namespace sim;

namespace {

constexpr int64_t ms = samples_per_ms;

struct fixture {
  std::string heard;
  playout_buffer buffer{0, [this](int64_t at, std::string_view audio) {
                          heard.resize(static_cast<size_t>(at), '.');
                          heard += audio;
                        }};

  /// The names of the echoes that are due, each with `+` if played and `-` if cleared.
  std::string echoes() {
    std::string out;
    for (const auto& x : buffer.take_echoes()) {
      out += x.name + (x.played ? "+" : "-");
    }
    return out;
  }
};

std::string audio(int64_t samples, char c = 'a') {
  return std::string(static_cast<size_t>(samples), c);
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(playout_tests, fixture)

CAF_TEST(audio of any size plays at real time and in order) {
  buffer.media(0, audio(3, 'a'));
  buffer.media(0, audio(500, 'b'));
  buffer.advance(2);
  CAF_CHECK_EQUAL(heard, "aa");
  buffer.advance(5);
  CAF_CHECK_EQUAL(heard, "aaabb");
  CAF_CHECK_EQUAL(buffer.buffered(), 498);
  buffer.advance(10000);
  CAF_CHECK_EQUAL(heard.size(), 503u);
  CAF_CHECK_EQUAL(buffer.buffered(), 0);
  CAF_CHECK_EQUAL(buffer.figures().played, 503);
}

CAF_TEST(a mark comes back when the audio before it has been played) {
  buffer.media(0, audio(20 * ms));
  buffer.mark(0, "one");
  buffer.media(0, audio(20 * ms));
  buffer.mark(0, "two");
  buffer.advance(20 * ms - 1);
  CAF_CHECK_EQUAL(echoes(), "");
  buffer.advance(20 * ms);
  CAF_CHECK_EQUAL(echoes(), "one+");
  buffer.advance(60 * ms);
  const auto due = buffer.take_echoes();
  CAF_REQUIRE_EQUAL(due.size(), 1u);
  CAF_CHECK_EQUAL(due[0].name, "two");
  CAF_CHECK_EQUAL(due[0].at, 40 * ms);
}

CAF_TEST(a mark comes back at once when nothing is queued) {
  buffer.mark(7, "now");
  CAF_CHECK_EQUAL(echoes(), "now+");
  buffer.media(10, audio(8));
  buffer.mark(18, "after");
  CAF_CHECK_EQUAL(echoes(), "after+");
}

CAF_TEST(marks behind one another come back together) {
  buffer.media(0, audio(8));
  buffer.mark(0, "a");
  buffer.mark(0, "b");
  buffer.advance(8);
  CAF_CHECK_EQUAL(echoes(), "a+b+");
}

CAF_TEST(clear empties the buffer and sends back every pending mark) {
  buffer.media(0, audio(100));
  buffer.mark(0, "a");
  buffer.media(0, audio(100));
  buffer.mark(0, "b");
  buffer.mark(0, "c");
  buffer.clear(150);
  CAF_CHECK_EQUAL(echoes(), "a+b-c-");
  CAF_CHECK_EQUAL(heard.size(), 150u);
  CAF_CHECK_EQUAL(buffer.figures().cleared, 50);
  CAF_CHECK_EQUAL(buffer.figures().clears, 1);
  CAF_CHECK_EQUAL(buffer.buffered(), 0);
}

CAF_TEST(audio after a clear plays normally) {
  buffer.media(0, audio(100));
  buffer.clear(10);
  buffer.media(20, audio(5, 'z'));
  buffer.mark(20, "m");
  buffer.advance(100);
  buffer.clear(100);
  CAF_CHECK(buffer.figures().played_at_clears == (std::vector<int64_t>{10, 15}));
  CAF_CHECK_EQUAL(heard, "aaaaaaaaaa..........zzzzz");
  CAF_CHECK_EQUAL(echoes(), "m+");
}

CAF_TEST(clearing an empty buffer does nothing but count) {
  buffer.clear(5);
  CAF_CHECK_EQUAL(echoes(), "");
  CAF_CHECK_EQUAL(buffer.figures().clears, 1);
}

CAF_TEST(a sender that is late leaves a gap that is an underrun) {
  buffer.media(0, audio(20 * ms));
  buffer.media(25 * ms, audio(20 * ms));
  buffer.media(900 * ms, audio(20 * ms));
  buffer.advance(2000 * ms);
  const auto& f = buffer.figures();
  CAF_CHECK_EQUAL(f.first_audio_at, 0);
  CAF_CHECK_EQUAL(f.underruns, 1);
  CAF_CHECK_EQUAL(f.longest_underrun, 5 * ms);
  CAF_CHECK_EQUAL(f.longest_gap, 855 * ms);
  CAF_CHECK_EQUAL(f.last_audio_end, 920 * ms);
}

CAF_TEST(the pause after a clear is no underrun) {
  buffer.media(0, audio(40 * ms));
  buffer.clear(20 * ms);
  buffer.media(30 * ms, audio(20 * ms));
  buffer.advance(100 * ms);
  CAF_CHECK_EQUAL(buffer.figures().underruns, 0);
  CAF_CHECK_EQUAL(buffer.figures().longest_gap, 10 * ms);
}

CAF_TEST(one hour is taken and not a sample more) {
  CAF_CHECK(buffer.media(0, audio(3600 * 1000 * ms)));
  CAF_CHECK(!buffer.media(0, "x"));
  CAF_CHECK(buffer.media(1, "x"));
  CAF_CHECK_EQUAL(buffer.figures().buffered_max, 3600 * 1000 * ms);
}

CAF_TEST(the timeline may begin anywhere) {
  playout_buffer late{1000, {}};
  late.media(1000, audio(8));
  late.mark(1000, "m");
  late.advance(1007);
  CAF_CHECK(late.take_echoes().empty());
  late.advance(1008);
  CAF_CHECK_EQUAL(late.take_echoes().size(), 1u);
  CAF_CHECK_EQUAL(late.figures().first_audio_at, 1000);
}

CAF_TEST_FIXTURE_SCOPE_END()
