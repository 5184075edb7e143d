#include "http/twilio/signature.hpp"

#include "http/hmac.hpp"
#include "http/twilio/signed_url.hpp"

#include <algorithm>

namespace switchboard::twilio {

namespace {

void add_once(std::vector<std::string>& texts, std::string text) {
  if (std::find(texts.begin(), texts.end(), text) == texts.end())
    texts.push_back(std::move(text));
}

bool matches(const std::vector<std::string>& keys, const std::vector<std::string>& urls,
             std::string_view signature, const http::form& fields) {
  bool found = false;
  for (const std::string& key : keys) {
    if (key.empty())
      continue; // anybody can sign with it
    for (const std::string& url : urls)
      found |= http::equal_constant_time(expected_signature(key, url, fields), signature);
  }
  return found;
}

std::string url_of(std::string_view base, std::string_view target) {
  std::string url(base);
  url += target;
  return url;
}

/// The value of the query's `bodySHA256`; empty if there is none.
std::string body_hash(std::string_view target) {
  size_t question = target.find('?');
  if (question == std::string_view::npos)
    return {};
  return std::string(http::parse_form(target.substr(question + 1)).get("bodySHA256"));
}

} // namespace

const char* to_string(signature_verdict verdict) {
  switch (verdict) {
  case signature_verdict::valid:
    return "valid";
  case signature_verdict::missing:
    return "missing";
  case signature_verdict::mismatch:
    return "mismatch";
  case signature_verdict::body_mismatch:
    return "body_mismatch";
  }
  return "unknown";
}

std::string signature_text(std::string_view url, const http::form& fields) {
  std::vector<std::pair<std::string_view, std::string_view>> sorted(fields.fields.begin(),
                                                                    fields.fields.end());
  // char_traits compares as unsigned bytes, which is the order asked for ("B" before "a").
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::string text(url);
  for (const auto& [name, value] : sorted) {
    text += name;
    text += value;
  }
  return text;
}

std::string expected_signature(std::string_view key, std::string_view url,
                               const http::form& fields) {
  return http::base64_text(http::hmac_sha1(key, signature_text(url, fields)));
}

std::vector<std::string> url_candidates(std::string_view url) {
  std::vector<std::string> urls;
  add_once(urls, without_port(url));
  add_once(urls, with_port(url));
  std::string normalised = normalised_url(url);
  for (const std::string& candidate : {without_port(normalised), with_port(normalised)})
    add_once(urls, candidate);
  for (const std::string& candidate : {without_port(normalised), with_port(normalised)})
    add_once(urls, with_legacy_query(candidate));
  return urls;
}

signature_verdict check_webhook(const std::vector<std::string>& keys, const signed_request& request,
                                const http::form& fields) {
  if (request.signature.empty())
    return signature_verdict::missing;
  auto urls = url_candidates(url_of(request.public_base, request.target));
  std::string hash = body_hash(request.target);
  if (hash.empty()) {
    bool form = http::is_form_type(request.content_type);
    // A body that is neither a form nor hashed in the URL is not covered by the signature.
    if ((!form && !request.body.empty()) || !fields.complete)
      return signature_verdict::mismatch;
    return matches(keys, urls, request.signature, form ? fields : http::form())
               ? signature_verdict::valid
               : signature_verdict::mismatch;
  }
  if (!matches(keys, urls, request.signature, {}))
    return signature_verdict::mismatch;
  return http::equal_constant_time(hash, http::sha256_hex(request.body))
             ? signature_verdict::valid
             : signature_verdict::body_mismatch;
}

signature_verdict check_upgrade(const std::vector<std::string>& keys, std::string_view public_base,
                                std::string_view target, std::string_view signature) {
  if (signature.empty())
    return signature_verdict::missing;
  std::string url = url_of(public_base, target);
  bool secure = scheme_of(public_base) != "http";
  std::vector<std::string> urls;
  for (const char* scheme : {secure ? "wss" : "ws", secure ? "https" : "http"}) {
    std::string variant = with_scheme(url, scheme);
    for (const std::string& slashed : {variant, variant + "/"})
      for (std::string& candidate : url_candidates(slashed))
        add_once(urls, std::move(candidate));
  }
  return matches(keys, urls, signature, {}) ? signature_verdict::valid
                                            : signature_verdict::mismatch;
}

} // namespace switchboard::twilio
