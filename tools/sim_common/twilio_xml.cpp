#include "tools/sim_common/twilio_xml.hpp"

#include <cctype>

namespace sim {

namespace {

constexpr int depth_max = 32; // TwiML nests four deep; anything deeper is an attack or a mistake

void append_utf8(std::string& out, unsigned long code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

bool is_name_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '-' || c == '.' || c == ':' || byte >= 0x80;
}

bool is_name_start(char c) {
  return is_name_char(c) && !(c >= '0' && c <= '9') && c != '-' && c != '.';
}

/// Recursive descent over the document; the first error stops it and stays in `error`.
class parser {
public:
  explicit parser(std::string_view in) : in_{in} {}

  xml_result run() {
    xml_result result;
    if (starts("\xEF\xBB\xBF")) {
      pos_ += 3;
    }
    skip_misc();
    if (error_.empty()) {
      element(result.root, 0);
    }
    if (error_.empty()) {
      skip_misc();
    }
    if (error_.empty() && pos_ != in_.size()) {
      fail("text after the root element");
    }
    result.error = error_;
    return result;
  }

private:
  bool starts(std::string_view what) const { return in_.substr(pos_, what.size()) == what; }
  bool at_end() const { return pos_ >= in_.size(); }

  bool fail(const std::string& why) {
    if (error_.empty()) {
      error_ = why + " at byte " + std::to_string(pos_);
    }
    return false;
  }

  bool space() {
    const auto begin = pos_;
    while (!at_end() &&
           (in_[pos_] == ' ' || in_[pos_] == '\t' || in_[pos_] == '\r' || in_[pos_] == '\n')) {
      ++pos_;
    }
    return pos_ != begin;
  }

  bool skip_past(std::string_view end, const char* what) {
    const auto found = in_.find(end, pos_);
    if (found == std::string_view::npos) {
      return fail(std::string{"unfinished "} + what);
    }
    pos_ = found + end.size();
    return true;
  }

  void skip_misc() {
    while (error_.empty()) {
      space();
      if (starts("<?")) {
        skip_past("?>", "processing instruction");
      } else if (starts("<!--")) {
        skip_past("-->", "comment");
      } else {
        return;
      }
    }
  }

  std::string name() {
    const auto begin = pos_;
    if (at_end() || !is_name_start(in_[pos_])) {
      fail("a name is missing");
      return {};
    }
    while (!at_end() && is_name_char(in_[pos_])) {
      ++pos_;
    }
    return std::string{in_.substr(begin, pos_ - begin)};
  }

  bool numeric_reference(std::string& out, std::string_view digits) {
    const bool hex = !digits.empty() && digits[0] == 'x';
    if (hex) {
      digits.remove_prefix(1);
    }
    unsigned long code = 0;
    if (digits.empty() || digits.size() > 7) {
      return fail("bad character reference");
    }
    for (char c : digits) {
      const auto byte = static_cast<unsigned char>(c);
      if (hex ? std::isxdigit(byte) == 0 : std::isdigit(byte) == 0) {
        return fail("bad character reference");
      }
      const int value = std::isdigit(byte) != 0 ? c - '0' : (std::tolower(byte) - 'a' + 10);
      code = code * (hex ? 16 : 10) + static_cast<unsigned long>(value);
    }
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
      return fail("bad character reference");
    }
    append_utf8(out, code);
    return true;
  }

  bool reference(std::string& out) {
    const auto end = in_.find(';', pos_);
    if (end == std::string_view::npos || end - pos_ > 12) {
      return fail("a bare & (write &amp;)");
    }
    const auto entity = in_.substr(pos_ + 1, end - pos_ - 1);
    if (!entity.empty() && entity[0] == '#') {
      if (!numeric_reference(out, entity.substr(1))) {
        return false;
      }
    } else if (entity == "amp") {
      out += '&';
    } else if (entity == "lt") {
      out += '<';
    } else if (entity == "gt") {
      out += '>';
    } else if (entity == "quot") {
      out += '"';
    } else if (entity == "apos") {
      out += '\'';
    } else {
      return fail("unknown entity &" + std::string{entity} + ";");
    }
    pos_ = end + 1;
    return true;
  }

  bool attribute(xml_element& out) {
    const auto key = name();
    space();
    if (!error_.empty() || at_end() || in_[pos_] != '=') {
      return fail("an attribute without =");
    }
    ++pos_;
    space();
    if (at_end() || (in_[pos_] != '"' && in_[pos_] != '\'')) {
      return fail("an attribute value without quotes");
    }
    const char quote = in_[pos_++];
    std::string value;
    while (!at_end() && in_[pos_] != quote) {
      if (in_[pos_] == '<') {
        return fail("< in an attribute value");
      }
      if (in_[pos_] != '&') {
        value += in_[pos_++];
      } else if (!reference(value)) {
        return false;
      }
    }
    if (at_end()) {
      return fail("unfinished attribute value");
    }
    ++pos_;
    return out.attributes.emplace(key, value).second || fail("attribute " + key + " twice");
  }

  bool element(xml_element& out, int depth) {
    if (depth > depth_max) {
      return fail("nested too deeply");
    }
    if (at_end() || in_[pos_] != '<') {
      return fail("an element is missing");
    }
    ++pos_;
    out.name = name();
    while (error_.empty()) {
      const bool spaced = space();
      if (starts("/>")) {
        pos_ += 2;
        return true;
      }
      if (starts(">")) {
        ++pos_;
        return content(out, depth);
      }
      if (!spaced || at_end()) {
        return fail("a tag is not finished");
      }
      attribute(out);
    }
    return false;
  }

  bool close_tag(const xml_element& out) {
    pos_ += 2;
    if (name() != out.name) {
      return fail("</" + out.name + "> is missing");
    }
    space();
    if (at_end() || in_[pos_] != '>') {
      return fail("a closing tag is not finished");
    }
    ++pos_;
    return true;
  }

  bool content(xml_element& out, int depth) {
    while (error_.empty()) {
      if (at_end()) {
        return fail("</" + out.name + "> is missing");
      }
      if (starts("</")) {
        return close_tag(out);
      }
      if (starts("<!--")) {
        skip_past("-->", "comment");
      } else if (starts("<![CDATA[")) {
        const auto begin = pos_ + 9;
        if (skip_past("]]>", "CDATA section")) {
          out.text += in_.substr(begin, pos_ - 3 - begin);
        }
      } else if (starts("<?")) {
        skip_past("?>", "processing instruction");
      } else if (in_[pos_] == '<') {
        out.children.emplace_back();
        element(out.children.back(), depth + 1);
      } else if (in_[pos_] == '&') {
        reference(out.text);
      } else {
        out.text += in_[pos_++];
      }
    }
    return false;
  }

  std::string_view in_;
  size_t pos_ = 0;
  std::string error_;
};

} // namespace

std::string xml_element::attribute(const std::string& key, const std::string& fallback) const {
  const auto found = attributes.find(key);
  return found == attributes.end() ? fallback : found->second;
}

xml_result parse_xml(std::string_view document) {
  return parser{document}.run();
}

} // namespace sim
