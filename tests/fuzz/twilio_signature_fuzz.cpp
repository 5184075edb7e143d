// Webhook inputs: form, signature, ticket, signed URL, TwiML. Properties: decoding what was encoded
// gives the same; what we signed is accepted; text never leaves its XML element.
#include "http/form.hpp"
#include "http/twilio/signature.hpp"
#include "http/twilio/signed_url.hpp"
#include "http/twilio/ticket.hpp"
#include "http/twilio/twiml.hpp"
#include "http/url_signature.hpp"
#include "tests/fuzz/require.hpp"

#include <string>

using namespace switchboard;

namespace {

std::string encoded(const http::form& form) {
  std::string text;
  for (const auto& [name, value] : form.fields)
    text += http::encode_percent(name) + '=' + http::encode_percent(value) + '&';
  return text;
}

void check_signature(const std::string& body, const http::form& form) {
  const std::string type = "application/x-www-form-urlencoded";
  std::string target = "/" + body.substr(0, 40);
  auto signature = twilio::expected_signature("key", "https://h:8443" + target, form);
  auto verdict =
      twilio::check_webhook({"key"}, {"https://h:8443", target, type, body, signature}, form);
  bool hashed = target.find("bodySHA256") != std::string::npos;
  require(hashed || !form.complete || verdict == twilio::signature_verdict::valid);
  require(twilio::check_webhook({"other"}, {"https://h:8443", target, type, body, signature},
                                form) != twilio::signature_verdict::valid);
}

void check_xml(const std::string& text) {
  std::string xml;
  twilio::twiml::append_xml(xml, text);
  require(xml.find_first_of("<>\"'") == std::string::npos);
  for (char c : xml)
    require(static_cast<unsigned char>(c) >= 0x20);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  auto form = http::parse_form(text);
  require(http::parse_form(encoded(form)).fields == form.fields);
  require(http::decode_percent(http::encode_percent(text), true) == text);
  check_signature(text, form);
  check_xml(text);
  twilio::url_candidates(text);
  twilio::url_candidates("https://" + text);
  require(twilio::check_ticket("key", text, "CA1", 0).verdict != twilio::ticket_verdict::ok);
  require(http::check_recording_url("key", text, "99", text, 0) != http::url_verdict::ok);
  return 0;
}
