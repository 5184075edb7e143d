#pragma once

/// A property that must hold for every input: what does not keep it ends the fuzzer, which keeps
/// the input.
inline void require(bool holds) {
  if (!holds)
    __builtin_trap();
}
