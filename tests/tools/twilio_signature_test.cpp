// The signature of webhooks, by the vectors of Twilio's documentation and of its Node library.
#define CAF_SUITE twilio_signature
#define FAIL CAF_FAIL

#include "tools/sim_common/twilio_signature.hpp"
#include "tools/sim_common/twilio_url.hpp"

#include <caf/test/dsl.hpp>

using namespace sim;

namespace {

const std::string token = "0123456789abcdef0123456789abcdef";

} // namespace

CAF_TEST(the example of the documentation is reproduced) {
  const form_params params{{"CallSid", "CA1234567890ABCDE"},
                           {"Caller", "+14158675310"},
                           {"Digits", "1234"},
                           {"From", "+14158675310"},
                           {"To", "+18005551212"}};
  CAF_CHECK_EQUAL(twilio_signature("12345", "https://example.com/myapp.php?foo=1&bar=2", params),
                  "L/OH5YylLD5NRKLltdqwSvS0BnU=");
}

CAF_TEST(a voice webhook with UTF 8 and empty values is signed over its decoded body) {
  const std::string url = "https://bridge.example.com/twilio/voice?tenant=a%20b&x=1";
  const std::string body =
      "AccountSid=AC00000000000000000000000000000001&ApiVersion=2010-04-01&"
      "CallSid=CA00000000000000000000000000000001&CallStatus=ringing&Called=%2B15550100002&"
      "Caller=%2B15550100001&CallerName=ANNE%20O'NEIL%20%26%20SON&Direction=inbound&"
      "From=%2B15550100001&FromCity=SAN%20JOS%C3%89&FromCountry=US&FromState=CA&FromZip=&"
      "StirVerstat=TN-Validation-Passed-A&To=%2B15550100002";
  const auto params = form_decode(body);
  const auto text = twilio_signed_text(url, params);
  CAF_CHECK_EQUAL(text,
                  "https://bridge.example.com/twilio/voice?tenant=a%20b&x=1"
                  "AccountSidAC00000000000000000000000000000001ApiVersion2010-04-01"
                  "CallSidCA00000000000000000000000000000001CallStatusringingCalled+15550100002"
                  "Caller+15550100001CallerNameANNE O'NEIL & SONDirectioninboundFrom+15550100001"
                  "FromCitySAN JOS\xC3\x89"
                  "FromCountryUSFromStateCAFromZipStirVerstatTN-Validation-Passed-ATo+15550100002");
  CAF_CHECK_EQUAL(twilio_signature(token, url, params), "Gu4vqcWmwB7gJ+ZVzCBTfVThg4g=");
}

CAF_TEST(an upgrade is signed over its URL alone and every byte of it counts) {
  const auto sign = [](const char* url) { return twilio_signature(token, url, {}); };
  CAF_CHECK_EQUAL(sign("wss://bridge.example.com/media"), "Qpzl6q5jZ70q4PJ9t9TfCYrZVgI=");
  CAF_CHECK_EQUAL(sign("wss://bridge.example.com/media/"), "cOh2Hk7SsPZuzxezQ1lTc4qbdG0=");
  CAF_CHECK_EQUAL(sign("https://bridge.example.com/media"), "ZxA5Ah6jgRARDMdoHlkV6QZT8oM=");
  CAF_CHECK_EQUAL(sign("wss://bridge.example.com:80/media"), "pOzWbgMaQpn7M7Tq+RCwc/HqStI=");
}

CAF_TEST(a JSON body contributes only its hash in the URL) {
  CAF_CHECK_EQUAL(
      twilio_signature(token,
                       "https://bridge.example.com/twilio/events?bodySHA256="
                       "8eeea3cd11fd241150fcafab936585e6102bc35fc1e06e4fb3859b8fc25d6818",
                       {}),
      "GNudImkXi/0+WaRKgRPFMor7+bE=");
}

CAF_TEST(names sort bytewise and repeated values count once) {
  const form_params params{{"a", "lower"}, {"Digits", "9"}, {"Digits", "1"},
                           {"B", "upper"}, {"Digits", "1"}, {"Digits", "9"}};
  const std::string url = "https://bridge.example.com/cb";
  CAF_CHECK_EQUAL(twilio_signed_text(url, params),
                  "https://bridge.example.com/cbBupperDigits1Digits9alower");
  CAF_CHECK_EQUAL(twilio_signature(token, url, params), "ULC/Y3VZPQuTEmJEvTsfjYZTrkw=");
}

CAF_TEST(a port in the URL is signed as it stands) {
  const form_params params{{"CallSid", "CA1"}, {"From", "+1"}};
  const auto sign = [&](const char* authority) {
    return twilio_signature(token, std::string{"https://"} + authority + "/twilio/voice", params);
  };
  CAF_CHECK_EQUAL(sign("bridge.example.com"), "0GLY80V8j8xNwDAUTk8DOyS00zA=");
  CAF_CHECK_EQUAL(sign("bridge.example.com:443"), "LJvP9hF1P6SMzNK8beTLUek0GH0=");
  CAF_CHECK_EQUAL(sign("bridge.example.com:8443"), "j+bsCMQy2ZRhGCHBDv7jUZo71ck=");
}

CAF_TEST(what is signed loses user info and fragment and over TLS the port) {
  CAF_CHECK_EQUAL(signed_url("https://u:p@h.example:8443/a%20b?c=d#rc=2"),
                  "https://h.example/a%20b?c=d");
  CAF_CHECK_EQUAL(signed_url("http://127.0.0.1:3000/a"), "http://127.0.0.1:3000/a");
  CAF_CHECK_EQUAL(signed_url("wss://h.example/media"), "wss://h.example/media");
  CAF_CHECK_EQUAL(signed_url("https://h.example"), "https://h.example");
}

CAF_TEST(URLs are taken apart and references resolved) {
  const auto parts = parse_url("ws://127.0.0.1:81/a?b");
  CAF_REQUIRE(parts);
  CAF_CHECK_EQUAL(parts->host, "127.0.0.1");
  CAF_CHECK_EQUAL(parts->port, "81");
  CAF_CHECK_EQUAL(parts->target, "/a?b");
  CAF_CHECK_EQUAL(std::string(parse_url("https://h")->effective_port()), "443");
  CAF_CHECK_EQUAL(std::string(parse_url("https://h?x")->target), "/?x");
  for (const auto* bad : {"", "h/p", "ftp://h/", "http://", "http://h:x/", "http://h:123456/"}) {
    CAF_CHECK(!parse_url(bad));
  }
  CAF_CHECK_EQUAL(resolve_url("http://h:1/a/b?c", "/x"), "http://h:1/x");
  CAF_CHECK_EQUAL(resolve_url("http://h:1/a/b?c", "x"), "http://h:1/a/x");
  CAF_CHECK_EQUAL(resolve_url("http://h:1/a/b?c", "https://y/x"), "https://y/x");
}

CAF_TEST(forms survive encoding and decoding) {
  const form_params params{{"a b", "c&d=e+f%"}, {"", ""}, {"u", "\xC3\x89~"}};
  const auto text = form_encode(params);
  CAF_CHECK_EQUAL(text, "a+b=c%26d%3De%2Bf%25&=&u=%C3%89~");
  CAF_CHECK(form_decode(text) == params);
  CAF_CHECK(form_decode("x=%4") == (form_params{{"x", "%4"}}));
  CAF_CHECK(form_find(params, "u") != nullptr);
  CAF_CHECK(form_find(params, "v") == nullptr);
}
