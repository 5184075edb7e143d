#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// How load frames are known again at the other side: each 20 ms of audio (160 bytes of PCMU, which
/// a bridge passes on unchanged) begins with a stamp.
namespace sim {

constexpr size_t load_frame_bytes = 160;
constexpr size_t load_stamp_bytes = 24; // 32 characters of base64: a frame's head can be rewritten

struct load_stamp {
  uint32_t stream = 0; ///< who sent it
  uint32_t sequence = 0;
  int64_t sent_us = 0;
};

/// Writes a frame's stamp into its first load_stamp_bytes.
void write_stamp(char* frame, const load_stamp& stamp);
/// @returns false if there is none: silence, or audio that was changed on the way.
bool read_stamp(std::string_view frame, load_stamp& out);

/// Base64 (RFC 4648 section 4), without a bound but memory's.
void append_base64(std::string& out, std::string_view bytes);
/// Decodes into `out`. @returns false at the first character that is none of its alphabet.
bool decode_base64(std::string_view text, std::string& out);

} // namespace sim
