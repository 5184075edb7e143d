#pragma once

#include <cstddef>

namespace switchboard::test {

/// How often this thread has asked `operator new` for memory since it began. Always 0 under a
/// sanitizer, which brings an allocator of its own.
size_t allocations();

} // namespace switchboard::test
