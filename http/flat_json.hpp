#pragma once

#include "audio/bytes.hpp"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace switchboard::http {

/// Reads JSON in the one form in which machines write frames of audio: objects of strings without
/// escapes and of short whole numbers, at most one blank after a colon or comma. Each function
/// returns false where it meets anything else, right or wrong: then the text is one for a whole
/// parser. What it does take it reads as that would. Borrows the text.
class flat_json {
public:
  explicit flat_json(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  /// An object of at least one member; `read_member(key)` reads each one's value.
  template <class Member>
  bool object(Member read_member) {
    if (!take('{'))
      return false;
    do {
      std::string_view key;
      if (!string(key) || !take(':') || !skip_blank() || !read_member(key))
        return false;
    } while (take(',') && skip_blank());
    return take('}');
  }
  /// A string of printable ASCII.
  bool string(std::string_view& out);
  bool text(std::string& out);
  /// Bytes as base64 in a string.
  bool base64(audio::byte_buffer& out);
  /// Digits in a string.
  bool quoted_number(uint64_t& out);
  bool number(uint32_t& out);
  /// Exactly this: what one who writes in the expected order puts between two values.
  bool literal(std::string_view expected) {
    if (static_cast<size_t>(end_ - at_) < expected.size() ||
        std::memcmp(at_, expected.data(), expected.size()) != 0)
      return false;
    at_ += expected.size();
    return true;
  }
  bool at_end() const { return at_ == end_; }

private:
  bool take(char wanted) {
    const bool there = at_ != end_ && *at_ == wanted;
    at_ += there ? 1 : 0;
    return there;
  }
  bool skip_blank() {
    take(' ');
    return true;
  }

  const char* at_;
  const char* end_;
};

/// Which members of an object were read, each a bit. One that comes twice is none of ours.
class seen_members {
public:
  bool first(unsigned member) {
    const bool fresh = (seen_ & member) == 0;
    seen_ |= member;
    return fresh;
  }
  bool all(unsigned members) const { return (seen_ & members) == members; }

private:
  unsigned seen_ = 0;
};

} // namespace switchboard::http
