#include "tools/twilio_sim/call_impl.hpp"
#include "tools/twilio_sim/call_parameters.hpp"

namespace sim {

namespace {

constexpr int redirects_max = 20;      // documents of one call, against endless <Redirect>
constexpr int64_t play_digit_ms = 250; // a digit of <Play digits>
constexpr int error_content_type = 12300;

bool is_xml(const std::string& content_type) {
  const auto type = content_type.substr(0, content_type.find(';'));
  return type == "text/xml" || type == "application/xml" || type == "text/html";
}

} // namespace

void call_impl::fetch(const std::string& kind, const std::string& method, const std::string& url,
                      const form_params& more) {
  if (++documents_ > redirects_max) {
    fail("more than " + std::to_string(redirects_max) + " documents");
    return;
  }
  auto params = call_parameters(config_, sid_, status_);
  params.insert(params.end(), more.begin(), more.end());
  const auto generation = ++generation_;
  request(kind, method, url, params, [this, kind, url, generation](const http_answer& in) {
    if (generation == generation_ && !ending_) {
      fetched(kind, url, in);
    }
  });
}

void call_impl::fetched(const std::string& kind, const std::string& url, const http_answer& in) {
  if (in.status < 200 || in.status > 299) {
    record_.refused |= in.status >= 400 && in.status <= 499;
    const auto why = in.status == 0 ? in.error : "status " + std::to_string(in.status);
    fail(kind + " webhook (error " + std::to_string(error_http) + "): " + why);
    return;
  }
  if (!is_xml(in.content_type)) {
    fail(kind + " webhook (error " + std::to_string(error_content_type) +
         "): the content type is \"" + in.content_type + "\", not XML");
    return;
  }
  run_document(in.body, url);
}

void call_impl::run_document(const std::string& text, const std::string& url) {
  ++generation_;
  document_ = parse_twiml(text);
  document_url_ = url;
  next_verb_ = 0;
  for (const auto& x : document_.warnings) {
    warn(x.code, x.text);
  }
  if (!document_.error.empty()) {
    fail("TwiML (error " + std::to_string(document_.error_code) + "): " + document_.error);
    return;
  }
  const bool reject =
      !document_.verbs.empty() && document_.verbs[0].kind == twiml_verb_kind::reject;
  if (!record_.answered && !reject) {
    answer();
  }
  run_verb();
}

void call_impl::answer() {
  answered_ = steady::now();
  record_.answered = true;
  record_.answered_after_ms = static_cast<double>(ms_between(started_, answered_));
  status_ = "in-progress";
  log("answered");
  tell_status("answered");
  if (config_.caller.hang_up_after_ms) {
    hang_up_in(*config_.caller.hang_up_after_ms);
  }
}

void call_impl::run_verb_after(int64_t ms) {
  verb_timer_.expires_after(milliseconds{ms});
  verb_timer_.async_wait(guarded([this] { run_verb(); }));
}

void call_impl::run_verb() {
  if (ending_) {
    return;
  }
  if (next_verb_ >= document_.verbs.size()) {
    log("end of the TwiML");
    end("completed", "server");
    return;
  }
  const auto verb = document_.verbs[next_verb_++];
  record_.verbs.push_back(verb.text.empty() ? verb.name : verb.name + ": " + verb.text);
  log("<" + verb.name + "> " + verb.text + verb.stream.url);
  obey(verb);
}

void call_impl::obey(const twiml_verb& verb) {
  switch (verb.kind) {
  case twiml_verb_kind::say:
    run_verb_after(virtual_speech_ms(verb.text));
    break;
  case twiml_verb_kind::pause:
    run_verb_after(static_cast<int64_t>(verb.length_s * 1000));
    break;
  case twiml_verb_kind::play:
    play(verb);
    break;
  case twiml_verb_kind::hangup:
    end("completed", "server");
    break;
  case twiml_verb_kind::reject:
    record_.rejected = true;
    end(verb.reason == "busy" ? "busy" : "no-answer", "server");
    break;
  case twiml_verb_kind::redirect:
    fetch("redirect", verb.method, resolve_url(document_url_, verb.text), {});
    break;
  case twiml_verb_kind::dial:
    dial(verb);
    break;
  case twiml_verb_kind::connect_stream:
    connect(verb);
    break;
  case twiml_verb_kind::unsupported:
    run_verb();
    break;
  }
}

void call_impl::play(const twiml_verb& verb) {
  if (!verb.digits.empty()) {
    int64_t ms = 0;
    for (char c : verb.digits) {
      ms += c == 'W' ? 1000 : c == 'w' ? 500 : play_digit_ms;
    }
    record_.verbs.back() += " digits " + verb.digits;
    run_verb_after(ms);
    return;
  }
  const auto generation = generation_;
  request("play", "GET", resolve_url(document_url_, verb.text), {},
          [this, generation](const http_answer& in) {
            if (in.status < 200 || in.status > 299) {
              warn(error_http, "<Play>: status " + std::to_string(in.status) + " " + in.error);
            }
            if (generation == generation_) {
              run_verb();
            }
          });
}

void call_impl::dial(const twiml_verb& verb) {
  log("dialling " + verb.text + ": nobody answers");
  if (verb.action.empty()) {
    run_verb();
    return;
  }
  fetch("action", verb.method, resolve_url(document_url_, verb.action),
        {{"DialCallStatus", "no-answer"}, {"DialBridged", "false"}});
}

} // namespace sim
