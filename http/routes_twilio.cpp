#include "conf/defaults/http.hpp"
#include "http/form.hpp"
#include "http/public_base.hpp"
#include "http/site.hpp"
#include "http/stream_acceptor.hpp"
#include "http/twilio/signature.hpp"
#include "http/twilio/ticket.hpp"
#include "http/twilio/twiml.hpp"

#include <charconv>

namespace switchboard::http {

namespace {

namespace limits = defaults::http;
namespace twiml = twilio::twiml;

// What a caller hears. The first is part of the contract, word for word.
constexpr const char* spoken_error = "An error occurred. Please try again later.";
constexpr const char* spoken_full =
    "We are sorry, we cannot take your call right now. Please try again later.";
constexpr const char* spoken_no_answer =
    "We are sorry, nobody can take your call right now. Please try again later.";

http_response xml(std::string document) {
  return text_response(200, "text/xml; charset=utf-8", std::move(document));
}

http_response plain_ok() {
  return text_response(200, "text/plain; charset=utf-8", "OK");
}

/// One webhook, its signature checked.
struct webhook {
  form fields;
  std::string base; ///< what TwiML's URLs start with

  std::string text(std::string_view name) const { return std::string{fields.get(name)}; }
};
using webhook_ptr = std::shared_ptr<const webhook>;

/// Names only: values are the caller's.
std::string names_of(const form& fields) {
  std::string names;
  for (auto& [name, value] : fields.fields) {
    if (names.size() > 1024)
      break;
    names += names.empty() ? "" : ",";
    names += name;
  }
  return names;
}

/// Reads and checks a webhook; answers 403 itself and gives nothing if its signature is wrong.
webhook_ptr accept_webhook(site_context& context, const exchange_ptr& x) {
  auto& request = x->request();
  auto hook = std::make_shared<webhook>();
  auto type = request.header_or_empty("Content-Type");
  if (is_form_type(type))
    hook->fields = parse_form(request.body);
  hook->base = public_base(context.config(), request).value_or(std::string{});
  if (!context.config().twilio_validate_signature)
    return hook;
  twilio::signed_request given;
  given.public_base = hook->base;
  given.target = request.target;
  given.content_type = type;
  given.body = request.body;
  given.signature = request.header_or_empty("X-Twilio-Signature");
  auto verdict =
      hook->base.empty() || !hook->fields.complete
          ? twilio::signature_verdict::mismatch
          : twilio::check_webhook(context.config().twilio_webhook_secrets, given, hook->fields);
  if (verdict == twilio::signature_verdict::valid) {
    x->vouch();
    return hook;
  }
  log::warn("http", "webhook refused",
            {{"path", request.path.substr(0, 256)},
             {"signature", twilio::to_string(verdict)},
             {"parameters", names_of(hook->fields)}});
  x->fail(403, "INVALID_SIGNATURE", "The request's signature is not valid");
  return nullptr;
}

actors::call_facts facts_of(const webhook& hook) {
  actors::call_facts facts;
  facts.call_sid = hook.text("CallSid");
  facts.account_sid = hook.text("AccountSid");
  facts.from = hook.text("From");
  facts.to = hook.text("To");
  facts.city = hook.text("FromCity");
  facts.country = hook.text("FromCountry");
  facts.direction = hook.text("Direction");
  return facts;
}

/// The document that connects a call to its stream.
std::string connect_document(const site_context& context, const std::string& base,
                             const actors::call_facts& facts, const actors::admission& admitted,
                             const std::string& digits) {
  twiml::connect_stream stream;
  stream.digits = digits;
  if (!admitted.resumed && admitted.profile != nullptr)
    stream.say = admitted.profile->consent;
  stream.url = websocket_base(base) + "/streams";
  stream.action = base + "/twilio/stream-ended";
  stream.status_callback = base + "/twilio/stream-status";
  stream.parameters = {
      {"ticket", twilio::make_ticket(context.ticket_key, facts.call_sid, admitted.nonce,
                                     admitted.expires_at_s)},
      {"callId", admitted.call_id},
      {"from", facts.from},
      {"to", facts.to},
      {"city", facts.city},
      {"country", facts.country},
  };
  return twiml::render(stream);
}

/// What a caller gets for whom there is no room.
std::string no_room(const site_context& context, const actors::call_facts& facts) {
  const auto profile = context.services.profiles->of(facts.to);
  return profile->at_capacity == conf::when_full::reject_busy
             ? twiml::reject(twiml::reject_reason::busy)
             : twiml::say_and_hangup(spoken_full);
}

/// Asks the registry for the call and answers with TwiML whatever comes: Twilio plays nothing from
/// an error status.
/// @param digits pressed before the stream opens.
void admit(site_context& context, const exchange_ptr& x, const webhook_ptr& hook,
           const std::string& digits = {}) {
  auto facts = facts_of(*hook);
  if (facts.call_sid.empty() || hook->base.empty())
    return x->answer(xml(twiml::say_and_hangup(spoken_error)));
  context.gate->ask<actors::admission>(
      context.services.registry, limits::webhook_timeout,
      [x, &context, hook, facts, digits](actors::admission&& admitted) {
        x->answer(xml(connect_document(context, hook->base, facts, admitted, digits)));
      },
      [x, sid = facts.call_sid, refusal = no_room(context, facts)](const caf::error& why) {
        log::warn("http", "call not admitted", {{"call_sid", sid}, {"why", caf::to_string(why)}});
        const bool full = why == actors::actor_error::full || why == actors::actor_error::draining;
        x->answer(xml(full ? refusal : twiml::say_and_hangup(spoken_error)));
      },
      atom::admit_v, facts);
}

void incoming_call(site_context& context, const exchange_ptr& x) {
  try {
    if (auto hook = accept_webhook(context, x))
      admit(context, x, hook);
  } catch (const std::exception& e) {
    log::error("http", "webhook failed", {{"what", e.what()}});
    x->answer(xml(twiml::say_and_hangup(spoken_error)));
  }
}

std::optional<int64_t> number_of(std::string_view text) {
  int64_t value = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc{} || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

void call_status(site_context& context, const exchange_ptr& x) {
  auto hook = accept_webhook(context, x);
  if (!hook)
    return;
  actors::status_callback report;
  report.call_sid = hook->text("CallSid");
  report.status = hook->text("CallStatus");
  report.duration_s = number_of(hook->fields.get("CallDuration"));
  report.sequence = number_of(hook->fields.get("SequenceNumber"));
  log::info("http", "call status", {{"call_sid", report.call_sid}, {"status", report.status}});
  context.gate->ask<bool>(
      context.services.registry, limits::webhook_timeout, [x](bool) { x->answer(plain_ok()); },
      [x](const caf::error& why) {
        log::warn("http", "call status lost", {{"why", caf::to_string(why)}});
        x->answer(failure_response(why));
      },
      atom::callback_v, std::move(report));
}

/// What the carrier does after a stream.
void go_on(site_context& context, const exchange_ptr& x, const webhook_ptr& hook,
           const actors::next_step& next) {
  using actors::after_stream;
  switch (next.what) {
  case after_stream::reconnect:
    return admit(context, x, hook);
  case after_stream::press_digits:
    return admit(context, x, hook, next.detail);
  case after_stream::dial:
    return x->answer(xml(twiml::dial(next.detail, hook->base + "/twilio/dial-ended")));
  case after_stream::apologize:
    return x->answer(xml(twiml::say_and_hangup(spoken_error)));
  case after_stream::hang_up:
    return x->answer(xml(twiml::hangup()));
  }
}

void stream_ended(site_context& context, const exchange_ptr& x) {
  auto hook = accept_webhook(context, x);
  if (!hook)
    return;
  auto call_sid = hook->text("CallSid");
  context.gate->ask<actors::next_step>(
      context.services.registry, limits::claim_timeout,
      [x, &context, hook](actors::next_step&& next) { go_on(context, x, hook, next); },
      [x, call_sid](const caf::error& why) {
        log::warn("http", "what follows a stream is unknown",
                  {{"call_sid", call_sid}, {"why", caf::to_string(why)}});
        x->answer(xml(twiml::say_and_hangup(spoken_error)));
      },
      atom::streamover_v, call_sid);
}

/// After a transfer: nobody took the call, or the talk is over.
void dial_ended(site_context& context, const exchange_ptr& x) {
  auto hook = accept_webhook(context, x);
  if (!hook)
    return;
  const auto outcome = hook->text("DialCallStatus");
  log::info("http", "transfer ended", {{"call_sid", hook->text("CallSid")}, {"status", outcome}});
  const bool talked = outcome == "completed" || outcome == "answered";
  x->answer(xml(talked ? twiml::hangup() : twiml::say_and_hangup(spoken_no_answer)));
}

void stream_status(site_context& context, const exchange_ptr& x) {
  auto hook = accept_webhook(context, x);
  if (!hook)
    return;
  log::info("http", "stream status",
            {{"call_sid", hook->text("CallSid")},
             {"stream_sid", hook->text("StreamSid")},
             {"event", hook->text("StreamEvent")},
             {"error", hook->text("StreamError").substr(0, 256)}});
  x->answer(plain_ok());
}

/// Whether a comma separated header has this token, whatever its case.
bool has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    auto comma = list.find(',');
    auto one = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    while (!one.empty() && one.front() == ' ')
      one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ')
      one.remove_suffix(1);
    if (same_name(one, token))
      return true;
  }
  return false;
}

void streams(site_context& context, const exchange_ptr& x) {
  auto& request = x->request();
  if (!request.upgrade || request.method != "GET" ||
      !has_token(request.header_or_empty("Upgrade"), "websocket") ||
      request.header_or_empty("Sec-WebSocket-Version") != "13") {
    auto answer = error_response(426, "UPGRADE_REQUIRED", "This path is a WebSocket");
    answer.set("Upgrade", "websocket");
    answer.set("Sec-WebSocket-Version", "13");
    return x->answer(std::move(answer));
  }
  auto signature = request.header_or_empty("X-Twilio-Signature");
  if (!signature.empty() && context.config().twilio_validate_signature) {
    auto base = public_base(context.config(), request);
    if (!base ||
        twilio::check_upgrade(context.config().twilio_webhook_secrets, *base, request.target,
                              signature) != twilio::signature_verdict::valid)
      return x->fail(403, "INVALID_SIGNATURE", "The request's signature is not valid");
  }
  context.streams->accept(x);
}

} // namespace

void add_twilio_routes(std::vector<route>& routes) {
  routes.push_back({"POST", "/twilio/incoming-call", access_need::none, incoming_call});
  routes.push_back({"POST", "/twilio/call-status", access_need::none, call_status});
  routes.push_back({"POST", "/twilio/stream-ended", access_need::none, stream_ended});
  routes.push_back({"POST", "/twilio/dial-ended", access_need::none, dial_ended});
  routes.push_back({"POST", "/twilio/stream-status", access_need::none, stream_status});
  routes.push_back({"GET", "/streams", access_need::none, streams});
}

} // namespace switchboard::http
