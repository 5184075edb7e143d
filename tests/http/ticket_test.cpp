#define CAF_SUITE ticket
#define FAIL CAF_FAIL
#include "http/twilio/ticket.hpp"
#include "http/url_signature.hpp"

#include <string>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using twilio::check_ticket;
using twilio::make_ticket;
using twilio::ticket_verdict;

namespace {

const std::string key = "0123456789abcdef0123456789abcdef";
const std::string call = "CA00000000000000000000000000000001";

} // namespace

CAF_TEST(a fresh ticket lets its call in and shows its nonce) {
  auto ticket = make_ticket(key, call, 1000);
  auto check = check_ticket(key, ticket, call, 999);
  CAF_CHECK(check.verdict == ticket_verdict::ok);
  CAF_CHECK_EQUAL(check.expires_at_s, 1000);
  CAF_CHECK_EQUAL(check.nonce.size(), 22u);
  CAF_CHECK(ticket.size() < 200);
}

CAF_TEST(two tickets of a call differ) {
  auto a = make_ticket(key, call, 1000);
  auto b = make_ticket(key, call, 1000);
  CAF_CHECK_NOT_EQUAL(a, b);
  CAF_CHECK_NOT_EQUAL(check_ticket(key, a, call, 0).nonce, check_ticket(key, b, call, 0).nonce);
}

CAF_TEST(a ticket ends at its second) {
  auto ticket = make_ticket(key, call, 1000);
  CAF_CHECK(check_ticket(key, ticket, call, 1000).verdict == ticket_verdict::expired);
  CAF_CHECK(check_ticket(key, ticket, call, 5000).verdict == ticket_verdict::expired);
}

CAF_TEST(a ticket is for one call) {
  auto ticket = make_ticket(key, call, 1000);
  CAF_CHECK(check_ticket(key, ticket, "CA2", 0).verdict == ticket_verdict::wrong_call);
  CAF_CHECK(check_ticket(key, ticket, "", 0).verdict == ticket_verdict::wrong_call);
}

CAF_TEST(another key and any altered byte are noticed) {
  auto ticket = make_ticket(key, call, 1000);
  CAF_CHECK(check_ticket(twilio::random_ticket_key(), ticket, call, 0).verdict ==
            ticket_verdict::bad_mac);
  for (size_t i = 0; i < ticket.size(); ++i) {
    std::string altered = ticket;
    altered[i] = altered[i] == 'x' ? 'y' : 'x';
    auto verdict = check_ticket(key, altered, call, 0).verdict;
    CAF_CHECK(verdict == ticket_verdict::bad_mac || verdict == ticket_verdict::malformed);
    CAF_CHECK(check_ticket(key, altered, call, 0).nonce.empty());
  }
}

CAF_TEST(what is no ticket is malformed) {
  for (const char* bad : {"", ".", "..", "...", "1", "1.n", "1.n.CA", "x.n.CA.m", "-1.n.CA.m",
                          "1..CA.m", " 1.n.CA.m", "99999999999999999999.n.CA.m"})
    CAF_CHECK(check_ticket(key, bad, call, 0).verdict == ticket_verdict::malformed);
  CAF_CHECK(check_ticket(key, std::string(1024 * 1024, '.'), call, 0).verdict ==
            ticket_verdict::malformed);
  CAF_CHECK(check_ticket(key, "1.n.CA.m", call, 0).verdict == ticket_verdict::bad_mac);
}

CAF_TEST(a call id with dots is read back whole) {
  std::string odd = "a.b..c";
  CAF_CHECK(check_ticket(key, make_ticket(key, odd, 10), odd, 1).verdict == ticket_verdict::ok);
}

CAF_TEST(keys are long and differ) {
  CAF_CHECK_EQUAL(twilio::random_ticket_key().size(), 32u);
  CAF_CHECK_NOT_EQUAL(twilio::random_ticket_key(), twilio::random_ticket_key());
}

CAF_TEST(a recording URL is good for one to two hours and stable within one) {
  auto url = http::recording_url(key, "id-1", 7200);
  CAF_CHECK_EQUAL(url.substr(0, url.find('&')), "/api/calls/id-1/recording?expires=10800");
  CAF_CHECK_EQUAL(http::recording_url(key, "id-1", 7201), http::recording_url(key, "id-1", 10'800));
  CAF_CHECK_NOT_EQUAL(url, http::recording_url(key, "id-1", 7201));
}

CAF_TEST(a recording URL is checked by id and expiry and key) {
  using http::check_recording_url;
  using http::url_verdict;
  auto url = http::recording_url(key, "id-1", 7200);
  std::string signature = url.substr(url.find("&signature=") + 11);
  CAF_CHECK_EQUAL(signature.size(), 43u);
  CAF_CHECK(check_recording_url(key, "id-1", "10800", signature, 10'799) == url_verdict::ok);
  CAF_CHECK(check_recording_url(key, "id-1", "10800", signature, 10'800) == url_verdict::expired);
  CAF_CHECK(check_recording_url(key, "id-2", "10800", signature, 1) == url_verdict::bad_signature);
  CAF_CHECK(check_recording_url(key, "id-1", "14400", signature, 1) == url_verdict::bad_signature);
  CAF_CHECK(check_recording_url("other", "id-1", "10800", signature, 1) ==
            url_verdict::bad_signature);
  CAF_CHECK(check_recording_url("", "id-1", "10800", signature, 1) == url_verdict::bad_signature);
  for (const char* bad : {"", "-1", "+10800", " 10800", "10800 ", "1e9", "9999999999999999"})
    CAF_CHECK(check_recording_url(key, "id-1", bad, signature, 1) == url_verdict::malformed);
  CAF_CHECK(check_recording_url(key, "id-1", "10800", "", 1) == url_verdict::malformed);
}
