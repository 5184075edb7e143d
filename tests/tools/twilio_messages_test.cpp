// The messages of a media stream: written as the carrier does, read as strictly as it does.
#define CAF_SUITE twilio_messages
#define FAIL CAF_FAIL

#include "tools/sim_common/twilio_messages.hpp"

#include <nlohmann/json.hpp>

#include <caf/test/dsl.hpp>

using namespace sim;
using nlohmann::json;

namespace {

const stream_identity id{"MZ01", "AC01", "CA01"};

json parsed(const std::string& text) {
  return json::parse(text, nullptr, false);
}

int error_of(const std::string& text) {
  return parse_server_message(text, "MZ01").error_code;
}

} // namespace

CAF_TEST(the messages are those of the documentation) {
  CAF_CHECK(parsed(connected_message()) ==
            parsed(R"({"event":"connected","protocol":"Call","version":"1.0.0"})"));
  CAF_CHECK(
      parsed(start_message(1, id, {{"ticket", "a\"b"}})) ==
      parsed(
          R"({"event":"start","sequenceNumber":"1","streamSid":"MZ01","start":{"streamSid":"MZ01",
              "accountSid":"AC01","callSid":"CA01","tracks":["inbound"],"mediaFormat":
              {"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},
              "customParameters":{"ticket":"a\"b"}}})"));
  CAF_CHECK(parsed(media_message(2, id, 1, 5, "\xFF\xFE\xFA\xFF")) ==
            parsed(R"({"event":"media","sequenceNumber":"2","streamSid":"MZ01","media":
                       {"track":"inbound","chunk":"1","timestamp":"5","payload":"//76/w=="}})"));
  CAF_CHECK(parsed(dtmf_message(77, id, '5')) ==
            parsed(R"({"event":"dtmf","sequenceNumber":"77","streamSid":"MZ01","dtmf":
                       {"track":"inbound_track","digit":"5"}})"));
  CAF_CHECK(parsed(mark_message(90, id, "i7:1200")) ==
            parsed(R"({"event":"mark","sequenceNumber":"90","streamSid":"MZ01",
                       "mark":{"name":"i7:1200"}})"));
  CAF_CHECK(parsed(stop_message(99, id)) ==
            parsed(R"({"event":"stop","sequenceNumber":"99","streamSid":"MZ01",
                       "stop":{"accountSid":"AC01","callSid":"CA01"}})"));
}

CAF_TEST(a start without parameters has an empty object) {
  CAF_CHECK(parsed(start_message(1, id, {}))["start"]["customParameters"] == json::object());
}

CAF_TEST(the three messages of a server are read) {
  const auto media = parse_server_message(
      R"({"event":"media","streamSid":"MZ01","media":{"payload":"//7+/w=="}})", "MZ01");
  CAF_CHECK(media.kind == server_message_kind::media);
  CAF_CHECK_EQUAL(media.payload, "\xFF\xFE\xFE\xFF");
  const auto mark =
      parse_server_message(R"({"event":"mark","streamSid":"MZ01","mark":{"name":"m"}})", "MZ01");
  CAF_CHECK(mark.kind == server_message_kind::mark);
  CAF_CHECK_EQUAL(mark.name, "m");
  const auto clear = parse_server_message(R"({"event":"clear","streamSid":"MZ01"})", "MZ01");
  CAF_CHECK(clear.kind == server_message_kind::clear);
}

CAF_TEST(what is not exactly such a message is error 31951) {
  for (const auto* bad :
       {"", "x", "[]", "1", "{}", R"({"event":1})", R"({"event":"clear"})",
        R"({"event":"clear","streamSid":1})", R"({"event":"clear","streamSid":"MZ02"})",
        R"({"event":"clear","stream_sid":"MZ01"})", R"({"event":"clear","streamSid":"MZ01","x":1})",
        R"({"event":"stop","streamSid":"MZ01"})", R"({"event":"mark","streamSid":"MZ01"})",
        R"({"event":"mark","streamSid":"MZ01","mark":"m"})",
        R"({"event":"mark","streamSid":"MZ01","mark":{"name":1}})",
        R"({"event":"mark","streamSid":"MZ01","mark":{"name":"m","x":1}})",
        R"({"event":"media","streamSid":"MZ01","media":{}})",
        R"({"event":"media","streamSid":"MZ01","media":{"payload":""}})",
        R"({"event":"media","streamSid":"MZ01","media":{"payload":"AAAA","track":"outbound"}})"}) {
    CAF_CHECK_EQUAL(error_of(bad), 31951);
  }
}

CAF_TEST(a payload that is not base64 is error 31950) {
  for (const auto* bad : {"A", "AAA", "AA=A", "AAA-", "AAAA\\n", "====", "AAAA "}) {
    CAF_CHECK_EQUAL(error_of(std::string{R"({"event":"media","streamSid":"MZ01","media":)"} +
                             R"({"payload":")" + bad + "\"}}"),
                    31950);
  }
}

CAF_TEST(a heap of brackets is only an error) {
  CAF_CHECK_EQUAL(error_of(std::string(1000000, '[')), 31951);
}
