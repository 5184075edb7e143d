#define CAF_SUITE short_way
#define FAIL CAF_FAIL
#include "audio/base64.hpp"
#include "http/openai/event_codec.hpp"
#include "http/openai/usual_event.hpp"
#include "http/plain_text.hpp"
#include "http/twilio/stream_codec.hpp"
#include "http/twilio/usual_message.hpp"

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
const std::string mark_message =
    R"({"event":"mark","sequenceNumber":"90","streamSid":"MZ0123456789abcdef",)"
    R"("mark":{"name":"i7:1200"}})";
const std::string words_delta =
    R"({"type":"response.output_audio_transcript.delta","event_id":"event_2",)"
    R"("response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0,)"
    R"("delta":" some words","obfuscation":"xYz"})";

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

/// @returns whether a short way took it; then the parser must agree.
template <class Read>
bool check_message(const std::string& text, Read read) {
  twilio::stream_event quick, parsed;
  if (!read(text, quick))
    return false;
  const auto problem = twilio::parse_any_stream_message(text, parsed);
  if (problem != twilio::codec_error::none || !same(quick, parsed))
    CAF_FAIL("read otherwise: " << text);
  return true;
}

template <class Read>
bool check_event(const std::string& text, Read read) {
  actors::model_event quick, parsed;
  if (!read(text, quick))
    return false;
  const auto problem = openai::parse_any_server_event(text, parsed);
  if (problem != openai::codec_error::none || !same(quick, parsed))
    CAF_FAIL("read otherwise: " << text);
  return true;
}

bool check_message(const std::string& text) {
  return check_message(text, twilio::read_usual_message);
}
bool check_event(const std::string& text) {
  return check_event(text, openai::read_usual_event);
}
bool check_written_message(const std::string& text) {
  return check_message(text, twilio::read_media_as_written);
}
bool check_written_event(const std::string& text) {
  return check_event(text, openai::read_audio_as_written);
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
  CAF_CHECK(check_message(media_message));
  CAF_CHECK(check_event(audio_delta));
  CAF_CHECK(check_written_message(media_message));
  CAF_CHECK(check_written_event(audio_delta));
  CAF_CHECK(!check_written_message(mark_message));
  CAF_CHECK(!check_written_event(words_delta));
  CAF_CHECK(check_message(mark_message));
  CAF_CHECK(check_event(words_delta));
  twilio::stream_event mark;
  CAF_CHECK_EQUAL(twilio::parse_stream_message(mark_message, mark), twilio::codec_error::none);
  CAF_CHECK_EQUAL(mark.mark_name, "i7:1200");
  actors::model_event words;
  CAF_CHECK_EQUAL(openai::parse_server_event(words_delta, words), openai::codec_error::none);
  CAF_CHECK_EQUAL(words.text, " some words");
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
  CAF_CHECK(check_message(
      R"({"media": {"payload": "//7+", "timestamp": "5"}, "streamSid": "MZ1", "event": "media"})"));
  CAF_CHECK(check_event(R"({"type": "response.audio.delta", "delta": "//7+", "item_id": "i"})"));
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
    CAF_CHECK(!check_message(begin + rest));
  CAF_CHECK(
      !check_message(R"({"event":"media","streamSid":"","media":{"timestamp":"5","payload":""}})"));
  const std::string head = R"({"type":"response.output_audio.delta",)";
  for (const std::string rest :
       {R"("item_id":null,"delta":"//7+"})", R"("output_index":01,"delta":"//7+"})",
        R"("output_index":1.5,"delta":"//7+"})", R"("output_index":1e2,"delta":"//7+"})",
        R"("output_index":4294967296,"delta":"//7+"})", R"("output_index":-1,"delta":"//7+"})",
        R"("delta":"//7+","delta":""})", R"("delta":"//7+","obfuscation":7})", R"("item_id":"i"})",
        R"("delta":"//7+"}x)"})
    CAF_CHECK(!check_event(head + rest));
  for (const std::string rest :
       {R"("mark":{}})", R"("mark":{"name":"a","name":"b"}})", R"("mark":{"name":"a\u0062"}})",
        R"("mark":{"name":"a","more":"b"}})", R"("mark":{"name":"a"},"event":"media"})",
        R"("mark":{"name":7}})", R"("media":{"timestamp":"5","payload":""}})"})
    CAF_CHECK(!check_message(R"({"event":"mark","streamSid":"MZ1",)" + rest));
  for (const std::string delta : {R"("a\nb")", "\"\xc3\xa9\"", "null", R"("a","delta":"b")"})
    CAF_CHECK(
        !check_event(R"({"type":"response.output_audio_transcript.delta","delta":)" + delta + "}"));
  CAF_CHECK(!check_event(R"({"event_id":"e","type":"response.output_audio.delta","delta":""})"));
  CAF_CHECK(!check_event(R"({"type":"response.done","delta":"//7+"})"));
}

CAF_TEST(what one way leaves half read is not seen by the next) {
  const std::string begun = R"({"event":"media","sequenceNumber":"4821","media":)";
  const std::string rest = R"({"timestamp":"5","payload":"//7+"},"streamSid":"MZ1"})";
  twilio::stream_event event;
  CAF_CHECK_EQUAL(twilio::parse_stream_message(begun + rest, event), twilio::codec_error::none);
  CAF_CHECK_EQUAL(event.track, "");
  CAF_CHECK_EQUAL(event.sequence_number, 4821u);
  CAF_CHECK_EQUAL(twilio::parse_stream_message(media_message + "x", event),
                  twilio::codec_error::bad_json);
  CAF_CHECK_EQUAL(twilio::parse_stream_message(mark_message, event), twilio::codec_error::none);
  CAF_CHECK(event.payload.empty());
  actors::model_event delta;
  const std::string cut = audio_delta.substr(0, audio_delta.find("\"output_index"));
  CAF_CHECK_EQUAL(openai::parse_server_event(cut + R"("delta":"//7+"})", delta),
                  openai::codec_error::none);
  CAF_CHECK_EQUAL(delta.content_index, 0u);
  CAF_CHECK_EQUAL(openai::parse_server_event(words_delta, delta), openai::codec_error::none);
  CAF_CHECK(delta.audio.empty());
}

CAF_TEST(changed at random they are read as the parser does or not at all) {
  mutator random{7};
  int taken = 0, taken_as_written = 0;
  for (int i = 0; i < 40'000; ++i) {
    taken += check_message(random.changed(media_message)) ? 1 : 0;
    taken += check_event(random.changed(audio_delta)) ? 1 : 0;
    taken += check_message(random.changed(mark_message)) ? 1 : 0;
    taken += check_event(random.changed(words_delta)) ? 1 : 0;
    taken_as_written += check_written_message(random.changed(media_message)) ? 1 : 0;
    taken_as_written += check_written_event(random.changed(audio_delta)) ? 1 : 0;
  }
  CAF_MESSAGE(taken << " of 160000 went the short way, " << taken_as_written
                    << " of 80000 the shortest");
  CAF_CHECK(taken > 2000); // else this shows nothing
  CAF_CHECK(taken_as_written > 1000);
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
