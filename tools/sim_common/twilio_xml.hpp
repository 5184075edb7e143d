#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

/// An XML element with entities decoded. `text` is the character data that stands directly in it.
struct xml_element {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::vector<xml_element> children;
  std::string text;

  /// The attribute's value, or `fallback` where it is absent.
  std::string attribute(const std::string& key, const std::string& fallback = {}) const;
};

struct xml_result {
  xml_element root;
  std::string error; ///< empty: the document is well-formed
};

/// Parses a small XML document, strictly: one root, matched tags, quoted and unique attributes,
/// the five predefined entities and character references, comments, CDATA, processing
/// instructions. A DOCTYPE is refused, as no TwiML has one. Never throws; nesting is bounded.
/// Source: https://www.w3.org/TR/xml/ (the parts that TwiML uses).
xml_result parse_xml(std::string_view document);

} // namespace sim
