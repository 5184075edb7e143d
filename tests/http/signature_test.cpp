#define CAF_SUITE signature
#define FAIL CAF_FAIL
#include "http/hmac.hpp"
#include "http/twilio/signature.hpp"
#include "http/twilio/signed_url.hpp"

#include <algorithm>
#include <string>

#include <caf/test/dsl.hpp>

// The vectors were made with getExpectedTwilioSignature of the official package twilio 6.2.0.

using namespace switchboard;
using namespace switchboard::twilio;
using http::form;
using http::parse_form;

namespace {

const std::string token = "0123456789abcdef0123456789abcdef";
constexpr std::string_view form_type = "application/x-www-form-urlencoded; charset=UTF-8";

signature_verdict check_form(const std::string& key, std::string_view base, std::string_view target,
                             std::string_view body, std::string_view signature) {
  return check_webhook({key}, {base, target, form_type, body, signature}, parse_form(body));
}

bool upgrade(std::string_view base, std::string_view target, std::string_view signature) {
  return check_upgrade({token}, base, target, signature) == signature_verdict::valid;
}

constexpr std::string_view v1_body =
    "AccountSid=AC00000000000000000000000000000001&ApiVersion=2010-04-01&CallSid="
    "CA00000000000000000000000000000001&CallStatus=ringing&Called=%2B15550100002&Caller="
    "%2B15550100001&CallerName=ANNE%20O'NEIL%20%26%20SON&Direction=inbound&From=%2B15550100001&"
    "FromCity=SAN%20JOS%C3%89&FromCountry=US&FromState=CA&FromZip=&StirVerstat="
    "TN-Validation-Passed-A&To=%2B15550100002";

} // namespace

CAF_TEST(V0 is the vector of the documentation) {
  std::string_view body = "CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&"
                          "From=%2B14158675310&To=%2B18005551212";
  CAF_CHECK_EQUAL(
      expected_signature("12345", "https://example.com/myapp.php?foo=1&bar=2", parse_form(body)),
      "L/OH5YylLD5NRKLltdqwSvS0BnU=");
  CAF_CHECK(check_form("12345", "https://example.com", "/myapp.php?foo=1&bar=2", body,
                       "L/OH5YylLD5NRKLltdqwSvS0BnU=") == signature_verdict::valid);
}

CAF_TEST(V1 signs decoded values and keeps the query as it is) {
  CAF_CHECK_EQUAL(
      signature_text("https://bridge.example.com/twilio/voice?tenant=a%20b&x=1",
                     parse_form(v1_body)),
      "https://bridge.example.com/twilio/voice?tenant=a%20b&x=1AccountSidAC"
      "00000000000000000000000000000001ApiVersion2010-04-01CallSidCA"
      "00000000000000000000000000000001CallStatusringingCalled+15550100002Caller+15550100001"
      "CallerNameANNE O'NEIL & SONDirectioninboundFrom+15550100001FromCitySAN JOS\xC3\x89"
      "FromCountryUSFromStateCAFromZipStirVerstatTN-Validation-Passed-ATo+15550100002");
  CAF_CHECK(check_form(token, "https://bridge.example.com", "/twilio/voice?tenant=a%20b&x=1",
                       v1_body, "Gu4vqcWmwB7gJ+ZVzCBTfVThg4g=") == signature_verdict::valid);
}

CAF_TEST(V2 accepts each form of an upgrade) {
  for (const char* signature : {"Qpzl6q5jZ70q4PJ9t9TfCYrZVgI=", "cOh2Hk7SsPZuzxezQ1lTc4qbdG0=",
                                "ZxA5Ah6jgRARDMdoHlkV6QZT8oM=", "pOzWbgMaQpn7M7Tq+RCwc/HqStI="})
    CAF_CHECK(upgrade("https://bridge.example.com", "/media", signature));
  CAF_CHECK(!upgrade("https://bridge.example.com", "/other", "Qpzl6q5jZ70q4PJ9t9TfCYrZVgI="));
  CAF_CHECK(!upgrade("https://bridge.example.org", "/media", "Qpzl6q5jZ70q4PJ9t9TfCYrZVgI="));
}

CAF_TEST(an upgrade over plain http is signed with the ws scheme) {
  auto signature = expected_signature(token, "ws://127.0.0.1:3000/streams", {});
  CAF_CHECK(upgrade("http://127.0.0.1:3000", "/streams", signature));
  CAF_CHECK(!upgrade("http://127.0.0.1:3001", "/streams", signature));
}

CAF_TEST(V3 binds a JSON body by its hash) {
  std::string_view body = R"({"event":"call.ended","sid":"CA00000000000000000000000000000001"})";
  std::string_view target = "/twilio/events?bodySHA256="
                            "8eeea3cd11fd241150fcafab936585e6102bc35fc1e06e4fb3859b8fc25d6818";
  signed_request request{"https://bridge.example.com", target, "application/json", body,
                         "GNudImkXi/0+WaRKgRPFMor7+bE="};
  CAF_CHECK(check_webhook({token}, request, {}) == signature_verdict::valid);
  std::string altered(body);
  altered.back() = ' ';
  request.body = altered;
  CAF_CHECK(check_webhook({token}, request, {}) == signature_verdict::body_mismatch);
  request.signature = "GNudImkXi/0+WaRKgRPFMor7+bF=";
  CAF_CHECK(check_webhook({token}, request, {}) == signature_verdict::mismatch);
}

CAF_TEST(V4 sorts by byte and takes repeated values once) {
  std::string_view body = "Digits=9&a=lower&Digits=1&B=upper&Digits=1&Digits=9";
  CAF_CHECK_EQUAL(signature_text("https://bridge.example.com/cb", parse_form(body)),
                  "https://bridge.example.com/cbBupperDigits1Digits9alower");
  CAF_CHECK(check_form(token, "https://bridge.example.com", "/cb", body,
                       "ULC/Y3VZPQuTEmJEvTsfjYZTrkw=") == signature_verdict::valid);
}

CAF_TEST(V5 knows the variants of a port) {
  auto accepts = [](std::string_view base, std::string_view signature) {
    return check_form(token, base, "/twilio/voice", "CallSid=CA1&From=%2B1", signature) ==
           signature_verdict::valid;
  };
  std::string_view none = "0GLY80V8j8xNwDAUTk8DOyS00zA=";
  std::string_view https = "LJvP9hF1P6SMzNK8beTLUek0GH0=";
  std::string_view other = "j+bsCMQy2ZRhGCHBDv7jUZo71ck=";
  CAF_CHECK(accepts("https://bridge.example.com", none));
  CAF_CHECK(accepts("https://bridge.example.com:443", none));
  CAF_CHECK(accepts("https://bridge.example.com:8443", none));
  CAF_CHECK(accepts("https://bridge.example.com", https));
  CAF_CHECK(accepts("https://bridge.example.com:443", https));
  CAF_CHECK(accepts("https://bridge.example.com:8443", other));
  CAF_CHECK(!accepts("https://bridge.example.com", other));
  CAF_CHECK(!accepts("https://bridge.example.com:8443", https));
}

CAF_TEST(any of two keys is accepted during a rotation) {
  signed_request request{"https://bridge.example.com", "/cb", form_type,
                         "B=upper&Digits=1&Digits=9&a=lower", "ULC/Y3VZPQuTEmJEvTsfjYZTrkw="};
  form fields = parse_form(request.body);
  CAF_CHECK(check_webhook({"other", token}, request, fields) == signature_verdict::valid);
  CAF_CHECK(check_webhook({token, "other"}, request, fields) == signature_verdict::valid);
  CAF_CHECK(check_webhook({"other"}, request, fields) == signature_verdict::mismatch);
  CAF_CHECK(check_webhook({}, request, fields) == signature_verdict::mismatch);
}

CAF_TEST(an empty key signs nothing) {
  auto signature = expected_signature("", "https://h/cb", {});
  CAF_CHECK(check_webhook({""}, {"https://h", "/cb", "", "", signature}, {}) ==
            signature_verdict::mismatch);
}

CAF_TEST(a request without signature is told apart) {
  CAF_CHECK(check_form(token, "https://h", "/cb", "a=b", "") == signature_verdict::missing);
  CAF_CHECK(check_upgrade({token}, "https://h", "/cb", "") == signature_verdict::missing);
}

CAF_TEST(any change of the request breaks the signature) {
  auto check = [](std::string_view target, std::string body) {
    return check_form(token, "https://bridge.example.com", target, body,
                      "Gu4vqcWmwB7gJ+ZVzCBTfVThg4g=") == signature_verdict::valid;
  };
  std::string_view target = "/twilio/voice?tenant=a%20b&x=1";
  std::string body(v1_body);
  CAF_CHECK(check(target, body));
  CAF_CHECK(!check("/twilio/voice?tenant=a%20c&x=1", body));
  CAF_CHECK(!check("/twilio/voice/?tenant=a%20b&x=1", body));
  CAF_CHECK(!check(target, body + "&Extra="));
  for (size_t i = 0; i < body.size(); i += 7) {
    std::string altered = body;
    altered[i] = altered[i] == 'X' ? 'Y' : 'X';
    CAF_CHECK(!check(target, altered));
  }
}

CAF_TEST(a body that the signature does not cover is refused) {
  auto signature = expected_signature(token, "https://h/cb", {});
  signed_request request{"https://h", "/cb", "", "", signature};
  CAF_CHECK(check_webhook({token}, request, {}) == signature_verdict::valid);
  request.body = "{}";
  request.content_type = "application/json";
  CAF_CHECK(check_webhook({token}, request, {}) == signature_verdict::mismatch);
}

CAF_TEST(a form that was not read to its end is refused) {
  auto fields = parse_form("a=1&b=2", 1);
  CAF_CHECK(!fields.complete);
  auto signature = expected_signature(token, "https://h/cb", fields);
  CAF_CHECK(check_webhook({token}, {"https://h", "/cb", form_type, "a=1&b=2", signature}, fields) ==
            signature_verdict::mismatch);
}

CAF_TEST(the candidates are those of the official validator) {
  auto urls = url_candidates("https://Bridge.example.com:8443/a b?x='1'&y=%C3%A9+z&w");
  std::vector<std::string> expected = {
      "https://Bridge.example.com/a b?x='1'&y=%C3%A9+z&w",
      "https://Bridge.example.com:8443/a b?x='1'&y=%C3%A9+z&w",
      "https://bridge.example.com/a%20b?x=%271%27&y=%C3%A9+z&w",
      "https://bridge.example.com:8443/a%20b?x=%271%27&y=%C3%A9+z&w",
      "https://bridge.example.com/a%20b?x='1'&y=%C3%A9%20z&w=",
      "https://bridge.example.com:8443/a%20b?x='1'&y=%C3%A9%20z&w="};
  CAF_CHECK_EQUAL(urls, expected);
}

CAF_TEST(ports are found beside users and IPv6 addresses) {
  CAF_CHECK_EQUAL(without_port("https://u:p@h:1/x"), "https://u:p@h/x");
  CAF_CHECK_EQUAL(without_port("https://[::1]:8443/x"), "https://[::1]/x");
  CAF_CHECK_EQUAL(with_port("https://[::1]/x"), "https://[::1]:443/x");
  CAF_CHECK_EQUAL(with_port("wss://h/x"), "wss://h:80/x");
  CAF_CHECK_EQUAL(with_port("nonsense"), "nonsense");
  CAF_CHECK_EQUAL(normalised_url("HTTPS://H:443"), "https://h/");
  CAF_CHECK_EQUAL(normalised_url("ws://H:80/a\\b#c"), "ws://h/a/b");
  CAF_CHECK_EQUAL(scheme_of("/relative"), "");
}

CAF_TEST(digests are those of their standards) {
  CAF_CHECK_EQUAL(
      http::base64_text(http::hmac_sha1("key", "The quick brown fox jumps over the lazy dog")),
      "3nybhbi3iqa8ino29wqQcBydtNk=");
  CAF_CHECK_EQUAL(
      http::base64_text(http::hmac_sha256("key", "The quick brown fox jumps over the lazy dog")),
      "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg=");
  CAF_CHECK_EQUAL(http::sha256_hex(""),
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CAF_CHECK_EQUAL(http::base64url_text("\xFB\xFF"), "-_8");
  CAF_CHECK_EQUAL(http::random_bytes(16).size(), 16u);
  CAF_CHECK_NOT_EQUAL(http::random_bytes(16), http::random_bytes(16));
  CAF_CHECK(http::equal_constant_time("", ""));
  CAF_CHECK(!http::equal_constant_time("a", "b"));
  CAF_CHECK(!http::equal_constant_time("a", "ab"));
}
