#include "http/flat_json.hpp"

#include "audio/base64.hpp"
#include "http/plain_text.hpp"

#include <cstring>

namespace switchboard::http {

namespace {

constexpr size_t digits_max = 15;      // below 2^53, which every JSON implementation can hold
constexpr size_t short_digits_max = 9; // fit 32 bits

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

} // namespace

bool flat_json::string(std::string_view& out) {
  if (!take('"'))
    return false;
  out = {at_, plain_prefix_bytes({at_, static_cast<size_t>(end_ - at_)})};
  at_ += out.size();
  return take('"');
}

bool flat_json::text(std::string& out) {
  std::string_view found;
  if (!string(found))
    return false;
  out = found;
  return true;
}

/// Up to the next quote, whatever stands before it: a backslash is no letter of base64.
bool flat_json::base64(audio::byte_buffer& out) {
  if (!take('"'))
    return false;
  const void* quote = std::memchr(at_, '"', static_cast<size_t>(end_ - at_));
  if (quote == nullptr)
    return false;
  const std::string_view found{at_, static_cast<size_t>(static_cast<const char*>(quote) - at_)};
  at_ += found.size();
  return take('"') && audio::base64_decode(found, out);
}

bool flat_json::quoted_number(uint64_t& out) {
  if (!take('"'))
    return false;
  const char* const begin = at_;
  for (out = 0; at_ != end_ && is_digit(*at_); ++at_) {
    if (static_cast<size_t>(at_ - begin) == digits_max)
      return false;
    out = out * 10 + static_cast<uint64_t>(*at_ - '0');
  }
  return at_ != begin && take('"');
}

bool flat_json::number(uint32_t& out) {
  const char* const begin = at_;
  for (out = 0; at_ != end_ && is_digit(*at_); ++at_) {
    if (static_cast<size_t>(at_ - begin) == short_digits_max)
      return false;
    out = out * 10 + static_cast<uint32_t>(*at_ - '0');
  }
  const bool leading_zero = at_ - begin > 1 && *begin == '0';
  const bool goes_on = at_ != end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E');
  return at_ != begin && !leading_zero && !goes_on;
}

} // namespace switchboard::http
