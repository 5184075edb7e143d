#pragma once

#include "audio/bytes.hpp"

#include <cstddef>
#include <cstdint>

/// G.711 (PCMU and PCMA) by tables. The results are those of the reference code of ITU-T G.191
/// (Software Tool Library), scaled to 16 bits: 14 significant bits for mu-law, 13 for A-law.
namespace switchboard::audio {

constexpr uint8_t ulaw_silence = 0xFF; // positive zero
constexpr uint8_t alaw_silence = 0xD5; // +8: A-law has no zero
constexpr size_t ulaw_bytes_per_ms = 8;
constexpr int g711_rate_hz = 8000;

/// Decodes one code word. 0x7F and 0xFF (negative and positive zero) both give 0.
int16_t ulaw_decode(uint8_t code);
/// Encodes one sample. 0 gives 0xFF, so that `encode(decode(c)) == c` for all c but 0x7F.
/// G.711 suppresses nothing: code 0x00 (the most negative) is used.
uint8_t ulaw_encode(int16_t sample);
int16_t alaw_decode(uint8_t code);
/// Encodes one sample; `encode(decode(c)) == c` for all c.
uint8_t alaw_encode(int16_t sample);

/// Bulk forms. `out` holds one element for each input element; in and out must not overlap.
void ulaw_decode(byte_view codes, int16_t* out);
void ulaw_encode(const int16_t* samples, size_t count, uint8_t* out);
void alaw_decode(byte_view codes, int16_t* out);
void alaw_encode(const int16_t* samples, size_t count, uint8_t* out);

} // namespace switchboard::audio
