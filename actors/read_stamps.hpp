#pragma once

#include "audio/bytes.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace switchboard::actors {

/// A test hook: which caller frames this process has read, and when, in a file mapped into memory,
/// so that the test of crashes can read it after kill -9. Never open in production (see node.cpp).
/// Thread-safe; bounded: what comes after defaults::call::read_stamps_max frames is not stamped.
class read_stamps {
public:
  /// One frame, as it lies in the file behind the header (native byte order: test and server run on
  /// one machine). `read_ns` is written last; 0 = not complete.
  struct record {
    std::atomic<int64_t> read_ns; ///< CLOCK_MONOTONIC
    uint64_t at_ms;               ///< call media time of its first byte
    uint32_t bytes;
    std::array<char, 36> call_id;
    std::array<uint8_t, 160> pcmu;
  };
  struct header {
    std::atomic<uint64_t> count; ///< records begun
  };

  /// @returns null if the file cannot be made.
  static std::unique_ptr<read_stamps> open(const std::string& path);
  ~read_stamps();
  read_stamps(const read_stamps&) = delete;
  read_stamps& operator=(const read_stamps&) = delete;

  void stamp(const std::string& call_id, uint64_t at_ms, audio::byte_view pcmu);

private:
  explicit read_stamps(void* memory) : memory_(memory) {}
  void* memory_;
};

} // namespace switchboard::actors
