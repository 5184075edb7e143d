// TwiML as the carrier reads it.
#define CAF_SUITE twilio_twiml
#define FAIL CAF_FAIL

#include "tools/sim_common/twilio_twiml.hpp"
#include "tools/sim_common/twilio_xml.hpp"

#include <caf/test/dsl.hpp>

using namespace sim;

namespace {

twiml_document response(const std::string& inside) {
  return parse_twiml("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>" + inside +
                     "</Response>\n");
}

std::string stream(const std::string& attributes, const std::string& inside = "") {
  return "<Connect><Stream " + attributes + ">" + inside + "</Stream></Connect>";
}

} // namespace

CAF_TEST(a stream is read with its parameters and its action) {
  const auto doc = response(R"(
    <Connect action="https://h/after?x=1&amp;y=2" method="GET">
      <!-- the line -->
      <Stream url="wss://h/media" name="main" statusCallback="https://h/stream">
        <Parameter name="ticket" value="b2f0c1"/>
        <Parameter name="city" value="S&#227;o &quot;P&#x61;ulo&quot; &lt;1&gt; &apos;"/>
      </Stream>
    </Connect>
    <Say voice="alice">Sorry, <![CDATA[a < b]]>.</Say><Hangup/>)");
  CAF_CHECK_EQUAL(doc.error, "");
  CAF_CHECK(doc.warnings.empty());
  CAF_REQUIRE_EQUAL(doc.verbs.size(), 3u);
  const auto& connect = doc.verbs[0];
  CAF_CHECK(connect.kind == twiml_verb_kind::connect_stream);
  CAF_CHECK_EQUAL(connect.action, "https://h/after?x=1&y=2");
  CAF_CHECK_EQUAL(connect.method, "GET");
  CAF_CHECK_EQUAL(connect.stream.url, "wss://h/media");
  CAF_CHECK_EQUAL(connect.stream.name, "main");
  CAF_CHECK_EQUAL(connect.stream.status_callback, "https://h/stream");
  CAF_CHECK_EQUAL(connect.stream.parameters.at("ticket"), "b2f0c1");
  CAF_CHECK_EQUAL(connect.stream.parameters.at("city"), "S\xC3\xA3o \"Paulo\" <1> '");
  CAF_CHECK_EQUAL(doc.verbs[1].text, "Sorry, a < b.");
  CAF_CHECK(doc.verbs[2].kind == twiml_verb_kind::hangup);
}

CAF_TEST(the other verbs are read with their defaults) {
  const auto doc = response("<Pause/><Pause length=\"3\"/><Play digits=\"1w2\"/><Play>/a.wav</Play>"
                            "<Redirect method=\"GET\"> /next </Redirect><Reject/>"
                            "<Dial action=\"/d\"><Number>+1555</Number></Dial>");
  CAF_CHECK_EQUAL(doc.error, "");
  CAF_CHECK(doc.warnings.empty());
  CAF_REQUIRE_EQUAL(doc.verbs.size(), 7u);
  CAF_CHECK_EQUAL(doc.verbs[0].length_s, 1.0);
  CAF_CHECK_EQUAL(doc.verbs[1].length_s, 3.0);
  CAF_CHECK_EQUAL(doc.verbs[2].digits, "1w2");
  CAF_CHECK_EQUAL(doc.verbs[3].text, "/a.wav");
  CAF_CHECK_EQUAL(doc.verbs[4].text, "/next");
  CAF_CHECK_EQUAL(doc.verbs[4].method, "GET");
  CAF_CHECK_EQUAL(doc.verbs[5].reason, "rejected");
  CAF_CHECK_EQUAL(doc.verbs[6].text, "Number +1555");
  CAF_CHECK_EQUAL(doc.verbs[6].action, "/d");
}

CAF_TEST(an empty document is a hang up and not an error) {
  CAF_CHECK_EQUAL(response("").error, "");
  CAF_CHECK_EQUAL(parse_twiml("<Response/>").error, "");
  CAF_CHECK(parse_twiml("<Response/>").verbs.empty());
}

CAF_TEST(what is not well formed is error 12100) {
  for (const auto* bad :
       {"", "OK", "<Response>", "<Response></response>", "<Response/><Response/>",
        "<Response>&nbsp;</Response>", "<Response><Say>a & b</Say></Response>",
        "<Response><Say loop=1>a</Say></Response>", "<Response><Say a=\"1\" a=\"2\"/></Response>",
        "<Response><Say a=\"<\"/></Response>", "<!DOCTYPE x><Response/>",
        "<Response>&#0;</Response>", "<Response>&#xD800;</Response>",
        "<Response><Say a=\"1\"b=\"2\"/></Response>", "<Response><!-- </Response>", "<Response/>x",
        "<Response", "<1/>", "{\"a\":1}"}) {
    const auto doc = parse_twiml(bad);
    CAF_CHECK_EQUAL(doc.error_code, 12100);
    CAF_CHECK(doc.verbs.empty());
  }
}

CAF_TEST(deep nesting and large documents are refused) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) {
    deep += "<a>";
  }
  CAF_CHECK(!parse_xml(deep).error.empty());
  const std::string blanks(64 * 1024 - 11, ' ');
  CAF_CHECK_EQUAL(parse_twiml("<Response/>" + blanks).error_code, 0);
  CAF_CHECK_EQUAL(parse_twiml("<Response/> " + blanks).error_code, 11750);
}

CAF_TEST(wrong roots and wrong streams have the codes of the debugger) {
  CAF_CHECK_EQUAL(parse_twiml("<html></html>").error_code, 12200);
  CAF_CHECK_EQUAL(response(stream("url=\"https://h/media\"")).error_code, 31922);
  CAF_CHECK_EQUAL(response(stream("name=\"a\"")).error_code, 31922);
  CAF_CHECK_EQUAL(response(stream("url=\"wss://h/media?x=1\"")).error_code, 31920);
  CAF_CHECK_EQUAL(response(stream("url=\"wss://h/m\" track=\"both_tracks\"")).error_code, 31941);
  CAF_CHECK_EQUAL(response("<Connect/>").error_code, 12200);
  CAF_CHECK_EQUAL(response("<Redirect/>").error_code, 12200);
  CAF_CHECK_EQUAL(response("<Play/>").error_code, 12200);
}

CAF_TEST(unknown attributes and verbs are warnings and the rest is obeyed) {
  const auto doc = response("<Say sound=\"1\">a</Say><Speak/><Gather/>" +
                            stream("url=\"ws://h/\" speed=\"1\"", "<Param/>") +
                            "<Reject reason=\"late\"/><Redirect method=\"PUT\">/x</Redirect>");
  CAF_CHECK_EQUAL(doc.error, "");
  CAF_CHECK_EQUAL(doc.verbs.size(), 6u);
  CAF_CHECK_EQUAL(doc.warnings.size(), 7u);
  CAF_CHECK_EQUAL(doc.verbs[4].reason, "rejected");
  CAF_CHECK_EQUAL(doc.verbs[5].method, "POST");
}

CAF_TEST(a parameter is at most 499 characters and no name comes twice) {
  const auto with = [](size_t size) {
    return response(stream("url=\"ws://h/\"",
                           "<Parameter name=\"a\" value=\"" + std::string(size, 'x') + "\"/>"));
  };
  CAF_CHECK(with(498).warnings.empty());
  CAF_CHECK_EQUAL(with(499).warnings.size(), 1u);
  CAF_CHECK(with(499).verbs[0].stream.parameters.empty());
  const auto twice = response(stream("url=\"ws://h/\"", "<Parameter name=\"a\" value=\"1\"/>"
                                                        "<Parameter name=\"a\" value=\"2\"/>"));
  CAF_CHECK_EQUAL(twice.warnings.size(), 1u);
}

CAF_TEST(speech takes 60 ms a character and never more than three seconds) {
  CAF_CHECK_EQUAL(virtual_speech_ms(""), 0);
  CAF_CHECK_EQUAL(virtual_speech_ms("hello"), 300);
  CAF_CHECK_EQUAL(virtual_speech_ms(std::string(1000, 'x')), 3000);
}
