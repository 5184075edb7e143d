#pragma once

#include <cstdint>

namespace switchboard::test {

/// Counts all writes of a run, whatever they go to, and fails the n-th, or all from the n-th on.
struct write_faults {
  uint64_t fail_at = 0; ///< 1 = the first; 0 = none
  bool lasting = false; ///< until mended
  bool armed = false;   ///< writes before are not counted
  uint64_t writes = 0;
  uint64_t failed = 0;

  /// A write is about to be done. @returns whether it is to fail.
  bool strike() {
    if (!armed)
      return false;
    ++writes;
    const bool hit = fail_at != 0 && (lasting ? writes >= fail_at : writes == fail_at);
    failed += hit ? 1 : 0;
    return hit;
  }
  void mend() { fail_at = 0; }
};

} // namespace switchboard::test
