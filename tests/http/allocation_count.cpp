// Counts what the media path allocates, in the whole program of tests that this is linked into.
#include "tests/http/allocation_count.hpp"

#include <cstdlib>
#include <new>

namespace {
thread_local size_t asked = 0;
}

size_t switchboard::test::allocations() {
  return asked;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void* operator new(size_t size) {
  ++asked;
  void* memory = std::malloc(size > 0 ? size : 1);
  if (memory == nullptr)
    throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
#endif
