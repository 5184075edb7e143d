#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Strict readers of single values: all or nothing, no locale, no throw. Pure, but for the file.
namespace switchboard::conf {

/// Decimal digits only: no sign, no space, no unit. Nothing if it does not fit 64 bits.
std::optional<uint64_t> parse_number(std::string_view text) noexcept;

/// `true` or `false`.
std::optional<bool> parse_flag(std::string_view text) noexcept;

/// Parts of `scheme://host[:port][/path]`; views into the text.
struct url_parts {
  std::string_view scheme;
  std::string_view host; ///< an IPv6 address without its brackets
  std::optional<uint16_t> port;
  std::string_view path; ///< with what follows it; empty if there is none
};

/// Nothing for a URL with user information, a space, a control character, or an empty scheme or
/// host.
std::optional<url_parts> parse_url(std::string_view text) noexcept;

/// The parts between commas, without the spaces around them.
std::vector<std::string> split_list(std::string_view text);

bool is_ip_address(const std::string& text) noexcept;
bool is_loopback(const std::string& host) noexcept;

/// `+` and 2 to 15 digits, not starting with 0 (ITU-T E.164).
bool is_e164(std::string_view text) noexcept;

/// Letters, digits and `-._:`, not empty: what may stand in a URL's query as it is.
bool is_identifier(std::string_view text) noexcept;

/// The characters of a bearer token (RFC 6750 section 2.1), not empty.
bool is_bearer_token(std::string_view text) noexcept;

/// Whether there is a control character, which could break a header or a log line.
bool has_control(std::string_view text) noexcept;

/// The value in quotes, shortened, control characters escaped: for messages.
std::string shown(std::string_view text);

struct file_content {
  std::optional<std::string> text;
  int error = 0; ///< errno; EFBIG for a file over the limit
  std::string what() const;
};

/// Reads a regular file (or what a pipe gives) of at most `bytes_max` bytes.
file_content read_small_file(const std::string& path, size_t bytes_max);

} // namespace switchboard::conf
