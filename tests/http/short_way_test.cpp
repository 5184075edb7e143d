#define CAF_SUITE short_way
#define FAIL CAF_FAIL
#include "audio/base64.hpp"
#include "http/openai/audio_delta.hpp"
#include "http/openai/event_codec.hpp"
#include "http/plain_text.hpp"
#include "http/twilio/media_message.hpp"
#include "http/twilio/stream_codec.hpp"

#include <random>
#include <string>

#include <caf/test/dsl.hpp>

// Frames of audio are read without a parser of all of JSON. What is read so must be what the parser
// reads, and everything else must be left to it.

using namespace switchboard;

namespace {

const std::string media_message =
    R"({"event":"media","sequenceNumber":"4821","media":{"track":"inbound","chunk":"4820",)"
    R"("timestamp":"96400","payload":"//7+/w=="},"streamSid":"MZ0123456789abcdef"})";
const std::string audio_delta =
    R"({"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_1",)"
    R"("item_id":"item_1","output_index":0,"content_index":12,"delta":"//7+/w=="})";

bool same(const twilio::stream_event& a, const twilio::stream_event& b) {
  return a.type == b.type && a.sequence_number == b.sequence_number &&
         a.stream_sid == b.stream_sid && a.timestamp_ms == b.timestamp_ms && a.chunk == b.chunk &&
         a.track == b.track && a.payload == b.payload && a.mark_name == b.mark_name &&
         a.digit == b.digit;
}

bool same(const actors::model_event& a, const actors::model_event& b) {
  return a.type == b.type && a.event_id == b.event_id && a.response_id == b.response_id &&
         a.item_id == b.item_id && a.output_index == b.output_index &&
         a.content_index == b.content_index && a.audio == b.audio && a.text == b.text &&
         a.session_id == b.session_id && a.audio_start_ms == b.audio_start_ms;
}

/// @returns whether the short way took it; then the parser must agree.
bool check_media(const std::string& text) {
  twilio::stream_event quick, parsed;
  if (!twilio::read_media_message(text, quick))
    return false;
  const auto problem = twilio::parse_any_stream_message(text, parsed);
  if (problem != twilio::codec_error::none || !same(quick, parsed))
    CAF_FAIL("read otherwise: " << text);
  return true;
}

bool check_delta(const std::string& text) {
  actors::model_event quick, parsed;
  if (!openai::read_audio_delta(text, quick))
    return false;
  const auto problem = openai::parse_any_server_event(text, parsed);
  if (problem != openai::codec_error::none || !same(quick, parsed))
    CAF_FAIL("read otherwise: " << text);
  return true;
}

/// A text with one to three changes: bytes replaced, dropped, doubled, pieces moved.
class mutator {
public:
  explicit mutator(unsigned seed) : random_(seed) {}

  std::string changed(std::string text) {
    for (size_t left = 1 + random_() % 3; left > 0 && !text.empty(); --left)
      change(text);
    return text;
  }

private:
  void change(std::string& text) {
    static const std::string likely = "\"\\{}[]:,0123456789.eE- \tn=+/AZ\x7f\x80\xc3\xa9";
    const size_t at = random_() % text.size();
    switch (random_() % 5) {
    case 0:
      text[at] = likely[random_() % likely.size()];
      return;
    case 1:
      text.erase(at, 1 + random_() % 4);
      return;
    case 2:
      text.insert(at, 1, likely[random_() % likely.size()]);
      return;
    case 3: {
      const std::string piece = text.substr(at, random_() % 30);
      text.insert(random_() % text.size(), piece);
      return;
    }
    default:
      text[at] = static_cast<char>(random_());
    }
  }

  std::mt19937 random_;
};

} // namespace

CAF_TEST(frames as they come go the short way) {
  CAF_CHECK(check_media(media_message));
  CAF_CHECK(check_delta(audio_delta));
  twilio::stream_event media;
  CAF_CHECK_EQUAL(twilio::parse_stream_message(media_message, media), twilio::codec_error::none);
  CAF_CHECK_EQUAL(media.timestamp_ms, 96400u);
  CAF_CHECK_EQUAL(media.payload.size(), 4u);
  actors::model_event delta;
  CAF_CHECK_EQUAL(openai::parse_server_event(audio_delta, delta), openai::codec_error::none);
  CAF_CHECK_EQUAL(delta.content_index, 12u);
  CAF_CHECK_EQUAL(delta.audio.size(), 4u);
}

CAF_TEST(other orders and a blank after colons and commas are no hindrance) {
  CAF_CHECK(check_media(
      R"({"media": {"payload": "//7+", "timestamp": "5"}, "streamSid": "MZ1", "event": "media"})"));
  CAF_CHECK(check_delta(R"({"type": "response.audio.delta", "delta": "//7+", "item_id": "i"})"));
}

CAF_TEST(what the parser reads otherwise or refuses is left to it) {
  const std::string begin = R"({"event":"media","streamSid":"MZ1","media":{"timestamp":"5",)";
  for (const std::string rest :
       {R"("payload":"//7+"}} )", R"("payload":"\/\/7+"}})", R"("payload":"//7"+"}})",
        R"("payload":"//7+","payload":"AAAA"}})", R"("payload":"//7+","timestamp":"6"}})",
        R"("payload":"//7+"},"event":"mark"})", R"("payload":"//7+"},"new":"field"})",
        R"("payload":"//7+","chunk":7}})", R"("payload":"//7+","chunk":"1234567890123456"}})",
        R"("payload":"//7+","track":"in\u0062ound"}})", R"("payload":"//7+"})",
        R"("payload":null}})", R"("chunk":"1"}})"})
    CAF_CHECK(!check_media(begin + rest));
  CAF_CHECK(
      !check_media(R"({"event":"media","streamSid":"","media":{"timestamp":"5","payload":""}})"));
  const std::string head = R"({"type":"response.output_audio.delta",)";
  for (const std::string rest :
       {R"("item_id":null,"delta":"//7+"})", R"("output_index":01,"delta":"//7+"})",
        R"("output_index":1.5,"delta":"//7+"})", R"("output_index":1e2,"delta":"//7+"})",
        R"("output_index":4294967296,"delta":"//7+"})", R"("output_index":-1,"delta":"//7+"})",
        R"("delta":"//7+","delta":""})", R"("delta":"//7+","obfuscation":"x"})",
        R"("item_id":"i"})", R"("delta":"//7+"}x)"})
    CAF_CHECK(!check_delta(head + rest));
  CAF_CHECK(!check_delta(R"({"event_id":"e","type":"response.output_audio.delta","delta":""})"));
  CAF_CHECK(!check_delta(R"({"type":"response.done","delta":"//7+"})"));
}

CAF_TEST(changed at random they are read as the parser does or not at all) {
  mutator random{7};
  int taken = 0;
  for (int i = 0; i < 40'000; ++i) {
    taken += check_media(random.changed(media_message)) ? 1 : 0;
    taken += check_delta(random.changed(audio_delta)) ? 1 : 0;
  }
  CAF_MESSAGE(taken << " of 80000 went the short way");
  CAF_CHECK(taken > 1000); // else this shows nothing
}

CAF_TEST(plain text ends where JSON would have to escape it) {
  for (size_t length = 0; length < 70; ++length) {
    const std::string text(length, 'x');
    CAF_REQUIRE_EQUAL(http::plain_prefix_bytes(text), length);
    for (const char end : {'"', '\\', '\n', '\0', '\x1f', '\x7f', '\x80', '\xff'})
      CAF_REQUIRE_EQUAL(http::plain_prefix_bytes(text + end + "more and more of it"), length);
  }
  CAF_CHECK_EQUAL(http::plain_prefix_bytes(" !#[]^~ all of these are plain"), 30u);
}
