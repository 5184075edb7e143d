#include "tools/sim_common/twilio_twiml.hpp"

#include "tools/sim_common/twilio_xml.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace sim {

namespace {

constexpr size_t document_bytes_max = 64 * 1024; // error 11750
constexpr size_t parameter_chars_max = 499;      // name and value together stay below 500
constexpr int say_ms_per_char = 60;
constexpr int say_ms_max = 3000;

constexpr int error_not_xml = 12100;
constexpr int error_schema = 12200;
constexpr int error_too_large = 11750;
constexpr int error_stream_url = 31920;
constexpr int error_stream_scheme = 31922;
constexpr int error_stream_track = 31941;

using names = std::set<std::string>;

std::string trimmed(const std::string& text) {
  const auto* blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool starts_with(const std::string& text, std::string_view prefix) {
  return std::string_view{text}.substr(0, prefix.size()) == prefix;
}

/// Turns elements into verbs and keeps the findings.
class reader {
public:
  explicit reader(twiml_document& out) : out_{out} {}

  void verb(const xml_element& e) {
    twiml_verb v;
    v.name = e.name;
    v.text = trimmed(e.text);
    fill(v, e);
    out_.verbs.push_back(std::move(v));
  }

  void fail(int code, const std::string& text) {
    if (out_.error.empty()) {
      out_.error_code = code;
      out_.error = text;
    }
  }

private:
  void warn(int code, const std::string& text) { out_.warnings.push_back({code, text}); }

  void check_attributes(const xml_element& e, const names& allowed) {
    for (const auto& [key, value] : e.attributes) {
      if (allowed.count(key) == 0) {
        warn(error_schema, "attribute " + key + " is not allowed on <" + e.name + ">");
      }
    }
  }

  std::string method_of(const xml_element& e, const std::string& key) {
    auto method = e.attribute(key, "POST");
    if (method != "GET" && method != "POST") {
      warn(error_schema, "<" + e.name + " " + key + "=\"" + method + "\"> is neither GET nor POST");
      method = "POST";
    }
    return method;
  }

  void no_text(const twiml_verb& v) {
    if (!v.text.empty()) {
      warn(error_schema, "text is not allowed in <" + v.name + ">");
    }
  }

  void fill(twiml_verb& v, const xml_element& e) {
    if (e.name == "Say") {
      v.kind = twiml_verb_kind::say;
      check_attributes(e, {"voice", "language", "loop"});
    } else if (e.name == "Pause") {
      pause(v, e);
    } else if (e.name == "Play") {
      v.kind = twiml_verb_kind::play;
      check_attributes(e, {"loop", "digits"});
      v.digits = e.attribute("digits");
      if (v.digits.empty() && v.text.empty()) {
        fail(error_schema, "<Play> has neither a URL nor digits");
      }
    } else if (e.name == "Hangup") {
      v.kind = twiml_verb_kind::hangup;
      check_attributes(e, {});
      no_text(v);
    } else if (e.name == "Reject") {
      reject(v, e);
    } else if (e.name == "Redirect") {
      v.kind = twiml_verb_kind::redirect;
      check_attributes(e, {"method"});
      v.method = method_of(e, "method");
      if (v.text.empty()) {
        fail(error_schema, "<Redirect> without a URL");
      }
    } else if (e.name == "Dial") {
      dial(v, e);
    } else if (e.name == "Connect") {
      connect(v, e);
    } else {
      other(e);
    }
  }

  void pause(twiml_verb& v, const xml_element& e) {
    v.kind = twiml_verb_kind::pause;
    check_attributes(e, {"length"});
    const auto length = e.attribute("length", "1");
    char* end = nullptr;
    v.length_s = std::strtod(length.c_str(), &end);
    if (length.empty() || *end != '\0' || !(v.length_s >= 0)) {
      warn(error_schema, "<Pause length=\"" + length + "\"> is no length");
      v.length_s = 1;
    }
  }

  void reject(twiml_verb& v, const xml_element& e) {
    v.kind = twiml_verb_kind::reject;
    check_attributes(e, {"reason"});
    v.reason = e.attribute("reason", "rejected");
    if (v.reason != "rejected" && v.reason != "busy") {
      warn(error_schema, "<Reject reason=\"" + v.reason + "\"> is neither rejected nor busy");
      v.reason = "rejected";
    }
  }

  void dial(twiml_verb& v, const xml_element& e) {
    v.kind = twiml_verb_kind::dial;
    v.action = e.attribute("action");
    v.method = method_of(e, "method");
    for (const auto& noun : e.children) {
      if (!v.text.empty()) {
        v.text += ", ";
      }
      v.text += noun.name + " " + trimmed(noun.text);
    }
  }

  void connect(twiml_verb& v, const xml_element& e) {
    v.kind = twiml_verb_kind::connect_stream;
    check_attributes(e, {"action", "method"});
    no_text(v);
    v.action = e.attribute("action");
    v.method = method_of(e, "method");
    if (e.children.size() != 1 || e.children[0].name != "Stream") {
      fail(error_schema, "<Connect> must hold exactly one <Stream> here");
      return;
    }
    stream(v.stream, e.children[0]);
  }

  void stream(twiml_stream& s, const xml_element& e) {
    check_attributes(e, {"url", "name", "track", "statusCallback", "statusCallbackMethod"});
    s.url = e.attribute("url");
    s.name = e.attribute("name");
    s.status_callback = e.attribute("statusCallback");
    s.status_callback_method = method_of(e, "statusCallbackMethod");
    if (!starts_with(s.url, "wss://") && !starts_with(s.url, "ws://")) {
      fail(error_stream_scheme, "the stream URL \"" + s.url + "\" is not wss");
    } else if (s.url.find('?') != std::string::npos) {
      fail(error_stream_url, "the stream URL has a query string, which is not supported");
    }
    if (e.attribute("track", "inbound_track") != "inbound_track") {
      fail(error_stream_track, "a bidirectional stream delivers inbound_track only");
    }
    for (const auto& child : e.children) {
      parameter(s, child);
    }
  }

  void parameter(twiml_stream& s, const xml_element& e) {
    if (e.name != "Parameter") {
      warn(error_schema, "<" + e.name + "> is not allowed in <Stream>");
      return;
    }
    check_attributes(e, {"name", "value"});
    const auto name = e.attribute("name");
    const auto value = e.attribute("value");
    if (name.empty()) {
      warn(error_schema, "<Parameter> without a name");
    } else if (name.size() + value.size() > parameter_chars_max) {
      warn(error_schema, "<Parameter name=\"" + name + "\"> is 500 characters or longer");
    } else if (!s.parameters.emplace(name, value).second) {
      warn(error_schema, "<Parameter name=\"" + name + "\"> twice");
    }
  }

  void other(const xml_element& e) {
    static const names known{"Gather", "Enqueue", "Start",  "Stop", "Record", "Leave",
                             "Refer",  "Pay",     "Prompt", "Sms",  "Queue",  "Echo"};
    const bool is_known = known.count(e.name) != 0;
    warn(error_schema, "<" + e.name + "> " + (is_known ? "is not simulated" : "is no TwiML verb") +
                           "; passed over");
  }

  twiml_document& out_;
};

} // namespace

twiml_document parse_twiml(std::string_view document) {
  twiml_document out;
  reader r{out};
  if (document.size() > document_bytes_max) {
    r.fail(error_too_large, "the document is larger than 64 kB");
    return out;
  }
  const auto xml = parse_xml(document);
  if (!xml.error.empty()) {
    r.fail(error_not_xml, "not well-formed: " + xml.error);
    return out;
  }
  if (xml.root.name != "Response") {
    r.fail(error_schema, "the root is <" + xml.root.name + ">, not <Response>");
    return out;
  }
  for (const auto& child : xml.root.children) {
    r.verb(child);
  }
  return out;
}

int virtual_speech_ms(std::string_view text) {
  const auto ms = static_cast<long>(text.size()) * say_ms_per_char;
  return static_cast<int>(std::min<long>(ms, say_ms_max));
}

} // namespace sim
