// Twilio Media Streams messages. Property: what is read as media and written again in the carrier's
// own form is read as the same; a mark written by us is read as the same.
#include "audio/base64.hpp"
#include "http/json_text.hpp"
#include "http/twilio/stream_codec.hpp"
#include "tests/fuzz/require.hpp"

#include <string>

using namespace switchboard;

namespace {

std::string as_carrier_writes(const twilio::stream_event& event) {
  std::string json = R"({"event":"media","sequenceNumber":")" +
                     std::to_string(event.sequence_number) + R"(","streamSid":)";
  http::append_json_string(json, event.stream_sid);
  json += R"(,"media":{"track":)";
  http::append_json_string(json, event.track);
  json += R"(,"chunk":")" + std::to_string(event.chunk) + R"(","timestamp":")" +
          std::to_string(event.timestamp_ms) + R"(","payload":")";
  audio::base64_append(json, event.payload);
  return json + "\"}}";
}

void check_media(const twilio::stream_event& event) {
  twilio::stream_event again;
  auto problem = twilio::parse_stream_message(as_carrier_writes(event), again);
  if (problem == twilio::codec_error::too_large)
    return; // written counters may be longer than those read
  require(problem == twilio::codec_error::none);
  require(again.type == event.type && again.stream_sid == event.stream_sid);
  require(again.payload == event.payload && again.timestamp_ms == event.timestamp_ms);
  require(again.chunk == event.chunk && again.track == event.track);
}

void check_mark(const twilio::stream_event& event) {
  std::string json;
  twilio::append_mark(json, event.stream_sid, event.mark_name);
  twilio::stream_event again;
  auto problem = twilio::parse_stream_message(json, again);
  if (problem == twilio::codec_error::too_large)
    return; // escapes may be longer than what they stand for
  require(problem == twilio::codec_error::none);
  require(again.type == event.type && again.mark_name == event.mark_name);
}

void check_short_way(std::string_view json, const twilio::stream_event& event) {
  twilio::stream_event parsed;
  require(twilio::parse_any_stream_message(json, parsed) == twilio::codec_error::none);
  require(parsed.type == event.type && parsed.sequence_number == event.sequence_number);
  require(parsed.stream_sid == event.stream_sid && parsed.timestamp_ms == event.timestamp_ms);
  require(parsed.chunk == event.chunk && parsed.track == event.track);
  require(parsed.payload == event.payload);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static twilio::stream_event event; // reused, as the sockets do
  std::string_view json(reinterpret_cast<const char*>(data), size);
  if (twilio::parse_stream_message(json, event) != twilio::codec_error::none)
    return 0;
  check_short_way(json, event);
  if (event.type == twilio::stream_event_type::media)
    check_media(event);
  if (event.type == twilio::stream_event_type::mark)
    check_mark(event);
  return 0;
}
