#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace switchboard::audio {

using byte_buffer = std::vector<uint8_t>;

/// Borrowed bytes: valid as long as what it was made from. (std::span is C++20.)
struct byte_view {
  const uint8_t* data = nullptr;
  size_t size = 0;

  constexpr byte_view() = default;
  constexpr byte_view(const uint8_t* first, size_t count) : data(first), size(count) {}
  // Implicit like std::span's: whatever holds bytes can be looked at.
  // NOLINTBEGIN(google-explicit-constructor)
  byte_view(const byte_buffer& buffer) : data(buffer.data()), size(buffer.size()) {}
  byte_view(std::string_view text)
      : data(reinterpret_cast<const uint8_t*>(text.data())), size(text.size()) {}
  // NOLINTEND(google-explicit-constructor)

  constexpr const uint8_t* begin() const { return data; }
  constexpr const uint8_t* end() const { return data + size; }
  constexpr bool empty() const { return size == 0; }
  constexpr uint8_t operator[](size_t i) const { return data[i]; }

  /// The part from `offset`, at most `count` bytes; clamped to what is there.
  constexpr byte_view subview(size_t offset, size_t count = SIZE_MAX) const {
    const size_t from = offset < size ? offset : size;
    const size_t left = size - from;
    return {data + from, count < left ? count : left};
  }

  byte_buffer to_buffer() const { return {begin(), end()}; }
  std::string_view to_string_view() const { return {reinterpret_cast<const char*>(data), size}; }
};

} // namespace switchboard::audio
