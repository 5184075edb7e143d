#pragma once

#include <cstddef>
#include <cstdint>

namespace switchboard::storage {

/// CRC32C (Castagnoli; RFC 3720 appendix B.4, where its test vectors are). Pass the previous result
/// as `crc` to go on over several pieces. Uses SSE4.2's instruction where the processor has it.
uint32_t crc32c(const void* data, size_t size, uint32_t crc = 0);

/// The same by table, for processors without the instruction (and to check the other against).
uint32_t crc32c_portable(const void* data, size_t size, uint32_t crc = 0);

} // namespace switchboard::storage
