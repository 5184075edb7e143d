#define CAF_SUITE twiml
#define FAIL CAF_FAIL
#include "conf/defaults/twilio.hpp"
#include "http/twilio/twiml.hpp"

#include <string>

#include <caf/test/dsl.hpp>

using namespace switchboard;
namespace twiml = switchboard::twilio::twiml;

namespace {

const std::string head = R"(<?xml version="1.0" encoding="UTF-8"?>)";

std::string escaped(std::string_view text) {
  std::string out;
  twiml::append_xml(out, text);
  return out;
}

std::string value_of(const std::string& name, const std::string& value) {
  twiml::connect_stream what;
  what.url = "wss://h/streams";
  what.parameters = {{name, value}};
  std::string out = twiml::render(what);
  size_t start = out.find("value=\"");
  return start == std::string::npos ? "none" : out.substr(start + 7, out.find("\"/>") - start - 7);
}

} // namespace

CAF_TEST(a stream is connected with its parameters) {
  twiml::connect_stream what;
  what.url = "wss://bridge.example.com/streams";
  what.action = "https://bridge.example.com/twilio/stream-ended?x=1&y=2";
  what.status_callback = "https://bridge.example.com/twilio/stream-status";
  what.parameters = {
      {"ticket", "1.a.CA1.b"}, {"from", "+15550100001"}, {"city", "SAN JOS\xC3\x89"}};
  CAF_CHECK_EQUAL(
      twiml::render(what),
      head + R"(<Response><Connect action="https://bridge.example.com/twilio)"
             R"(/stream-ended?x=1&amp;y=2">)"
             R"(<Stream url="wss://bridge.example.com/streams" )"
             R"(statusCallback="https://bridge.example.com/twilio/stream-status">)"
             R"(<Parameter name="ticket" value="1.a.CA1.b"/>)"
             R"(<Parameter name="from" value="+15550100001"/>)"
             "<Parameter name=\"city\" value=\"SAN JOS\xC3\x89\"/></Stream></Connect></Response>");
}

CAF_TEST(what is not given is left out) {
  twiml::connect_stream what;
  what.url = "ws://127.0.0.1:3000/streams";
  CAF_CHECK_EQUAL(twiml::render(what),
                  head + R"(<Response><Connect><Stream url="ws://127.0.0.1:3000/streams">)"
                         "</Stream></Connect></Response>");
}

CAF_TEST(what is said and pressed comes before the stream) {
  twiml::connect_stream what;
  what.url = "wss://h/streams";
  what.say = "Recorded & kept.";
  what.digits = "1w2#";
  CAF_CHECK_EQUAL(twiml::render(what),
                  head +
                      R"(<Response><Say>Recorded &amp; kept.</Say><Play digits="1w2#"/>)"
                      R"(<Connect><Stream url="wss://h/streams"></Stream></Connect></Response>)");
}

CAF_TEST(a caller is connected to another number and its end is asked about) {
  CAF_CHECK_EQUAL(twiml::dial("+15550100009", "https://h/twilio/dial-ended"),
                  head + R"(<Response><Dial action="https://h/twilio/dial-ended">)"
                         "<Number>+15550100009</Number></Dial></Response>");
}

CAF_TEST(the small documents are exact) {
  CAF_CHECK_EQUAL(twiml::say_and_hangup("An error occurred. Please try again later."),
                  head + "<Response><Say>An error occurred. Please try again later.</Say>"
                         "<Hangup/></Response>");
  CAF_CHECK_EQUAL(twiml::reject(twiml::reject_reason::busy),
                  head + R"(<Response><Reject reason="busy"/></Response>)");
  CAF_CHECK_EQUAL(twiml::reject(twiml::reject_reason::rejected),
                  head + R"(<Response><Reject reason="rejected"/></Response>)");
  CAF_CHECK_EQUAL(twiml::hangup(), head + "<Response><Hangup/></Response>");
  CAF_CHECK_EQUAL(twiml::empty_response(), head + "<Response/>");
}

CAF_TEST(nobody breaks out of a value) {
  CAF_CHECK_EQUAL(escaped(R"(&<>"')"), "&amp;&lt;&gt;&quot;&apos;");
  CAF_CHECK_EQUAL(escaped("]]>"), "]]&gt;");
  CAF_CHECK_EQUAL(value_of("from", R"("/></Stream><Say>x</Say><!--)"),
                  "&quot;/&gt;&lt;/Stream&gt;&lt;Say&gt;x&lt;/Say&gt;&lt;!--");
}

CAF_TEST(what XML does not allow is dropped) {
  CAF_CHECK_EQUAL(escaped(std::string("a\0b\x01\x08\x0B\x1F"
                                      "c",
                                      8)),
                  "abc");
  CAF_CHECK_EQUAL(escaped("a\tb\nc\rd"), "a&#9;b&#10;c&#13;d");
  CAF_CHECK_EQUAL(escaped("x\xEF\xBF\xBE\xEF\xBF\xBFy"), "xy");
  CAF_CHECK_EQUAL(escaped("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80");
}

CAF_TEST(bytes that are not UTF8 are replaced) {
  CAF_CHECK_EQUAL(escaped("a\xFF"
                          "b"),
                  "a\xEF\xBF\xBD"
                  "b");
  CAF_CHECK_EQUAL(escaped("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  CAF_CHECK_EQUAL(escaped("\xC3"), "\xEF\xBF\xBD");
}

CAF_TEST(name and value of a parameter stay under 500) {
  CAF_CHECK_EQUAL(value_of("name", std::string(495, 'x')).size(), 495u);
  CAF_CHECK_EQUAL(value_of("name", std::string(496, 'x')).size(), 495u);
  CAF_CHECK_EQUAL(value_of("name", "y" + std::string(10'000, 'x')).size(), 495u);
  std::string umlauts;
  for (int i = 0; i < 300; ++i)
    umlauts += "\xC3\xA4";
  CAF_CHECK_EQUAL(value_of("name", umlauts).size(), 494u);
  CAF_CHECK_EQUAL(value_of("name", "x" + umlauts).size(), 495u);
}

CAF_TEST(a parameter without a usable name is left out) {
  CAF_CHECK_EQUAL(value_of("", "x"), "none");
  CAF_CHECK_EQUAL(value_of(std::string(499, 'n'), "x"), "none");
  CAF_CHECK_EQUAL(value_of(std::string(498, 'n'), "xy"), "x");
}

CAF_TEST(a text to say is bounded) {
  std::string out = twiml::say_and_hangup(std::string(100'000, 'x'));
  CAF_CHECK(out.size() < 64 * 1024);
  CAF_CHECK(out.find(std::string(defaults::twilio::say_bytes_max, 'x') + "</Say>") !=
            std::string::npos);
}
