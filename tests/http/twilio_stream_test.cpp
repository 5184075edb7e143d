#define CAF_SUITE twilio_stream
#define FAIL CAF_FAIL
#include "audio/base64.hpp"
#include "conf/defaults/twilio.hpp"
#include "http/twilio/stream_codec.hpp"
#include "tests/http/allocation_count.hpp"

#include <string>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using twilio::codec_error;
using twilio::stream_event;
using twilio::stream_event_type;

namespace {

codec_error parse(std::string_view json, stream_event& out) {
  return twilio::parse_stream_message(json, out);
}

codec_error error_of(std::string_view json) {
  stream_event event;
  return parse(json, event);
}

stream_event parsed(std::string_view json) {
  stream_event event;
  CAF_CHECK_EQUAL(parse(json, event), codec_error::none);
  return event;
}

std::string media(const std::string& members) {
  return R"({"event":"media","sequenceNumber":"2","streamSid":"MZ01","media":{)" + members + "}}";
}

std::string text_of(const audio::byte_buffer& bytes) {
  return std::string(bytes.begin(), bytes.end());
}

} // namespace

CAF_TEST(connected has neither stream nor number) {
  auto event = parsed(R"({"event":"connected","protocol":"Call","version":"1.0.0"})");
  CAF_CHECK_EQUAL(event.type, stream_event_type::connected);
  CAF_CHECK(event.stream_sid.empty());
  CAF_CHECK_EQUAL(event.sequence_number, 0u);
}

CAF_TEST(start names the call and its parameters) {
  auto event = parsed(
      R"({"event":"start","sequenceNumber":"1","streamSid":"MZ01","start":{"streamSid":"MZ01",)"
      R"("accountSid":"AC01","callSid":"CA01","tracks":["inbound"],"mediaFormat":{"encoding":)"
      R"("audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"ticket":"b2f0c1",)"
      R"("name":"Zo\u00eb \"Z\""}}})");
  CAF_CHECK_EQUAL(event.type, stream_event_type::start);
  CAF_CHECK_EQUAL(event.sequence_number, 1u);
  CAF_CHECK_EQUAL(event.stream_sid, "MZ01");
  CAF_CHECK_EQUAL(event.start.stream_sid, "MZ01");
  CAF_CHECK_EQUAL(event.start.call_sid, "CA01");
  CAF_CHECK_EQUAL(event.start.account_sid, "AC01");
  CAF_CHECK_EQUAL(event.start.encoding, "audio/x-mulaw");
  CAF_CHECK_EQUAL(event.start.sample_rate_hz, 8000u);
  CAF_CHECK_EQUAL(event.start.channels, 1u);
  CAF_REQUIRE_EQUAL(event.start.parameters.size(), 2u);
  CAF_CHECK_EQUAL(event.start.parameters[0].first, "ticket");
  CAF_CHECK_EQUAL(event.start.parameters[0].second, "b2f0c1");
  CAF_CHECK_EQUAL(event.start.parameters[1].second, "Zo\xC3\xAB \"Z\"");
}

CAF_TEST(media is decoded) {
  auto event =
      parsed(media(R"("track":"inbound","chunk":"1","timestamp":"5","payload":"//7+/w==")"));
  CAF_CHECK_EQUAL(event.type, stream_event_type::media);
  CAF_CHECK_EQUAL(event.sequence_number, 2u);
  CAF_CHECK_EQUAL(event.stream_sid, "MZ01");
  CAF_CHECK_EQUAL(event.track, "inbound");
  CAF_CHECK_EQUAL(event.chunk, 1u);
  CAF_CHECK_EQUAL(event.timestamp_ms, 5u);
  CAF_CHECK_EQUAL(text_of(event.payload), "\xFF\xFE\xFE\xFF");
}

CAF_TEST(counters may be numbers and fields may come in any order) {
  auto event = parsed(R"( {"media":{"payload":"AAEC","timestamp":40,"new":[{"x":1}],"chunk":3},)"
                      R"("streamSid":"MZ02","sequenceNumber":4,"extra":null,"event":"media"} )");
  CAF_CHECK_EQUAL(event.type, stream_event_type::media);
  CAF_CHECK_EQUAL(event.sequence_number, 4u);
  CAF_CHECK_EQUAL(event.timestamp_ms, 40u);
  CAF_CHECK_EQUAL(event.chunk, 3u);
  CAF_CHECK_EQUAL(event.payload.size(), 3u);
  CAF_CHECK(event.track.empty());
}

CAF_TEST(an escaped solidus and an escaped key are what they stand for) {
  auto event = parsed(media(R"("t\u0069mestamp":"5","payload":"\/\/7+\/w==")"));
  CAF_CHECK_EQUAL(event.timestamp_ms, 5u);
  CAF_CHECK_EQUAL(text_of(event.payload), "\xFF\xFE\xFE\xFF");
}

CAF_TEST(dtmf and mark and stop carry their one thing) {
  auto digit = parsed(R"({"event":"dtmf","sequenceNumber":"77","streamSid":"MZ01","dtmf":)"
                      R"({"track":"inbound_track","digit":"5"}})");
  CAF_CHECK_EQUAL(digit.type, stream_event_type::dtmf);
  CAF_CHECK_EQUAL(digit.digit, '5');
  CAF_CHECK_EQUAL(digit.track, "inbound_track");
  auto mark = parsed(
      R"({"event":"mark","sequenceNumber":"90","streamSid":"MZ01","mark":{"name":"i7:1200"}})");
  CAF_CHECK_EQUAL(mark.type, stream_event_type::mark);
  CAF_CHECK_EQUAL(mark.mark_name, "i7:1200");
  auto stop = parsed(R"({"event":"stop","sequenceNumber":"99","streamSid":"MZ01","stop":)"
                     R"({"accountSid":"AC01","callSid":"CA01"}})");
  CAF_CHECK_EQUAL(stop.type, stream_event_type::stop);
  CAF_CHECK_EQUAL(stop.stream_sid, "MZ01");
}

CAF_TEST(an unknown event is no error) {
  auto event = parsed(R"({"event":"speech","streamSid":"MZ01","speech":{"deep":[[[{}]]]}})");
  CAF_CHECK_EQUAL(event.type, stream_event_type::unknown);
}

CAF_TEST(nothing of the message before is left) {
  stream_event event;
  parse(R"({"event":"start","streamSid":"MZ01","start":{"callSid":"CA01","mediaFormat":)"
        R"({"sampleRate":16000},"customParameters":{"a":"b"}}})",
        event);
  CAF_CHECK_EQUAL(event.start.sample_rate_hz, 16000u);
  parse(R"({"event":"connected"})", event);
  CAF_CHECK(event.stream_sid.empty());
  CAF_CHECK(event.start.call_sid.empty());
  CAF_CHECK(event.start.parameters.empty());
  CAF_CHECK_EQUAL(event.start.sample_rate_hz, 8000u);
}

CAF_TEST(a missing field is reported) {
  CAF_CHECK_EQUAL(error_of("{}"), codec_error::missing_field);
  CAF_CHECK_EQUAL(error_of(R"({"streamSid":"MZ01"})"), codec_error::missing_field);
  CAF_CHECK_EQUAL(error_of(R"({"event":"media","streamSid":"MZ01"})"), codec_error::missing_field);
  CAF_CHECK_EQUAL(error_of(media(R"("payload":"AA==")")), codec_error::missing_field);
  CAF_CHECK_EQUAL(error_of(media(R"("timestamp":"5")")), codec_error::missing_field);
  CAF_CHECK_EQUAL(error_of(R"({"event":"media","media":{"timestamp":"5","payload":"AA=="}})"),
                  codec_error::missing_field);
  CAF_CHECK_EQUAL(error_of(R"({"event":"mark","streamSid":"MZ01","mark":{}})"),
                  codec_error::missing_field);
  CAF_CHECK_EQUAL(error_of(R"({"event":"dtmf","streamSid":"MZ01"})"), codec_error::missing_field);
  CAF_CHECK_EQUAL(error_of(R"({"event":"start","streamSid":"MZ01","start":{}})"),
                  codec_error::missing_field);
}

CAF_TEST(a known field of another type is reported) {
  CAF_CHECK_EQUAL(error_of(R"({"event":5})"), codec_error::wrong_type);
  CAF_CHECK_EQUAL(error_of(R"({"event":"media","media":[]})"), codec_error::wrong_type);
  CAF_CHECK_EQUAL(error_of(media(R"("timestamp":null)")), codec_error::wrong_type);
  CAF_CHECK_EQUAL(error_of(media(R"("payload":{"a":1})")), codec_error::wrong_type);
  CAF_CHECK_EQUAL(error_of(R"({"event":"start","start":{"customParameters":{"a":1}}})"),
                  codec_error::wrong_type);
}

CAF_TEST(counters are whole and bounded) {
  for (const char* bad : {"-1", "1.5", "1e3", "9007199254740993", "18446744073709551616", "1e999",
                          "\"\"", "\"-1\"", "\" 1\"", "\"1 \"", "\"0x10\"", "\"1e3\"",
                          "\"9007199254740993\"", "\"99999999999999999999999\""})
    CAF_CHECK_EQUAL(error_of(media(std::string("\"timestamp\":") + bad)), codec_error::bad_number);
  stream_event event;
  CAF_CHECK_EQUAL(parse(media(R"("timestamp":9007199254740992,"payload":"")"), event),
                  codec_error::none);
  CAF_CHECK_EQUAL(event.timestamp_ms, 9007199254740992u);
  CAF_CHECK(event.payload.empty());
}

CAF_TEST(bad base64 and bad values are reported) {
  for (const char* bad : {"A", "AA=", "A===", "A A=", "AA==AA==", "_-8=", "\\u0000\\u0000=="})
    CAF_CHECK_EQUAL(error_of(media(std::string(R"("timestamp":"1","payload":")") + bad + "\"")),
                    codec_error::bad_base64);
  for (const char* bad : {"", "55", "x", "\\u0000"})
    CAF_CHECK_EQUAL(error_of(std::string(R"({"event":"dtmf","streamSid":"M","dtmf":{"digit":")") +
                             bad + "\"}}"),
                    codec_error::bad_value);
  CAF_CHECK_EQUAL(
      error_of(
          R"({"event":"start","streamSid":"MZ01","start":{"streamSid":"MZ02","callSid":"C"}})"),
      codec_error::bad_value);
}

CAF_TEST(what is not one JSON object is refused) {
  for (const char* bad : {"",
                          " ",
                          "null",
                          "[]",
                          "\"event\"",
                          "5",
                          "{",
                          "}",
                          "{]",
                          R"({"event")",
                          R"({"event":)",
                          R"({"event":"media")",
                          R"({"event":"stop","streamSid":"M"} {})",
                          R"({"event":"stop","streamSid":"M"}x)",
                          R"({"event":"stop" "streamSid":"M"})",
                          R"({event:"stop"})",
                          R"({"event":"st)",
                          "{\"event\":\"st\nop\",\"streamSid\":\"M\"}",
                          R"({"event":"\ud800","streamSid":"M"})",
                          R"({"event":"\x41"})"})
    CAF_CHECK_EQUAL(std::make_pair(std::string(bad), error_of(bad)),
                    std::make_pair(std::string(bad), codec_error::bad_json));
}

CAF_TEST(bytes that are not UTF8 are refused) {
  for (const char* bad : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC3"})
    CAF_CHECK_EQUAL(
        error_of(std::string(R"({"event":"mark","streamSid":"M","mark":{"name":")") + bad + "\"}}"),
        codec_error::bad_json);
}

CAF_TEST(a NUL byte is data in a string and an error outside) {
  std::string json = R"({"event":"mark","streamSid":"M","mark":{"name":"a\u0000b"}})";
  CAF_CHECK_EQUAL(parsed(json).mark_name, std::string("a\0b", 3));
  json += '\0';
  CAF_CHECK_EQUAL(error_of(json), codec_error::bad_json);
}

CAF_TEST(brackets without end cost nothing) {
  size_t bound = defaults::twilio::stream_message_bytes_max;
  CAF_CHECK_EQUAL(error_of(std::string(1024 * 1024, '[')), codec_error::too_large);
  CAF_CHECK_EQUAL(error_of(std::string(bound, '[')), codec_error::bad_json);
  std::string nested =
      R"({"event":"x","a":)" + std::string(30'000, '[') + std::string(30'000, ']') + "}";
  CAF_CHECK_EQUAL(error_of(nested), codec_error::none);
  std::string open = R"({"event":"x","a":)";
  for (int i = 0; i < 10'000; ++i)
    open += R"({"a":)";
  CAF_CHECK_EQUAL(error_of(open), codec_error::bad_json);
}

CAF_TEST(a message at the bound is read and one byte more is not ) {
  std::string head = R"({"event":"mark","streamSid":"M","mark":{"name":")";
  std::string tail = "\"}}";
  size_t room = defaults::twilio::stream_message_bytes_max - head.size() - tail.size();
  CAF_CHECK_EQUAL(parsed(head + std::string(room, 'x') + tail).mark_name.size(), room);
  CAF_CHECK_EQUAL(error_of(head + std::string(room + 1, 'x') + tail), codec_error::too_large);
  CAF_CHECK_EQUAL(error_of(head + std::string(2 * 1024 * 1024, 'x') + tail),
                  codec_error::too_large);
}

CAF_TEST(more parameters than the bound are refused) {
  auto start = [](size_t count) {
    std::string json =
        R"({"event":"start","streamSid":"M","start":{"callSid":"C","customParameters":{)";
    for (size_t i = 0; i < count; ++i)
      json += (i > 0 ? ",\"p" : "\"p") + std::to_string(i) + "\":\"v\"";
    return json + "}}}";
  };
  size_t bound = defaults::twilio::stream_parameters_max;
  CAF_CHECK_EQUAL(parsed(start(bound)).start.parameters.size(), bound);
  CAF_CHECK_EQUAL(error_of(start(bound + 1)), codec_error::too_large);
}

CAF_TEST(every prefix of a message is refused) {
  std::string json = media(R"("track":"inbound","chunk":"1","timestamp":"5","payload":"//7+/w==")");
  for (size_t size = 0; size < json.size(); ++size)
    CAF_CHECK_EQUAL(error_of(std::string_view(json).substr(0, size)), codec_error::bad_json);
}

CAF_TEST(messages to the carrier are what it documents) {
  std::string out;
  twilio::append_media(out, twilio::media_head("MZ01"),
                       audio::byte_view(std::string_view("\xFF\xFE\xFE\xFF")));
  CAF_CHECK_EQUAL(out, R"({"event":"media","streamSid":"MZ01","media":{"payload":"//7+/w=="}})");
  out.clear();
  twilio::append_mark(out, "MZ01", "i7:1200");
  CAF_CHECK_EQUAL(out, R"({"event":"mark","streamSid":"MZ01","mark":{"name":"i7:1200"}})");
  twilio::append_clear(out, "MZ\"\n\xFF");
  CAF_CHECK_EQUAL(out, R"({"event":"mark","streamSid":"MZ01","mark":{"name":"i7:1200"}})"
                       "{\"event\":\"clear\",\"streamSid\":\"MZ\\\"\\n\xEF\xBF\xBD\"}");
}

CAF_TEST(every enumerator has a name) {
  CAF_CHECK_EQUAL(std::string(to_string(stream_event_type::dtmf)), "dtmf");
  for (int i = 0; i <= static_cast<int>(codec_error::too_large); ++i)
    CAF_CHECK_NOT_EQUAL(std::string(to_string(static_cast<codec_error>(i))), "unknown");
}

CAF_TEST(a media frame allocates nothing in steady state) {
  std::string payload;
  audio::base64_append(payload, audio::byte_view(std::string_view(std::string(160, '\x7F'))));
  std::string json = R"({"event":"media","sequenceNumber":"12345","streamSid":)"
                     R"("MZ0123456789abcdef0123456789abcdef","media":{"track":"inbound",)"
                     R"("chunk":"12344","timestamp":"246880","payload":")" +
                     payload + "\"}}";
  stream_event event;
  std::string out;
  parse(json, event);
  const std::string head = twilio::media_head(event.stream_sid);
  twilio::append_media(out, head, event.payload);
  const size_t before = test::allocations();
  size_t bytes = 0;
  for (int i = 0; i < 1000; ++i) {
    parse(json, event);
    bytes += event.payload.size();
    out.clear();
    twilio::append_media(out, head, event.payload);
  }
  CAF_CHECK_EQUAL(test::allocations() - before, 0u);
  CAF_CHECK_EQUAL(bytes, 160'000u);
}
