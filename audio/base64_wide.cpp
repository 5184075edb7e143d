#include "audio/base64_wide.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace switchboard::audio {

#if defined(__x86_64__)

namespace {

#define SWITCHBOARD_AVX2 __attribute__((target("avx2")))

constexpr size_t bytes_a_step = 24, characters_a_step = 32;
// A last step of half the width leaves little of a frame to the one who goes group by group.
constexpr size_t bytes_a_half = bytes_a_step / 2, characters_a_half = characters_a_step / 2;

using half = __m128i;

bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}

/// The same 16 bytes in both halves: shuffles work on each half alone.
SWITCHBOARD_AVX2 __m256i both(half in) {
  return _mm256_broadcastsi128_si256(in);
}

SWITCHBOARD_AVX2 half load_half(const void* from) {
  return _mm_loadu_si128(static_cast<const half*>(from));
}

SWITCHBOARD_AVX2 void store_half(void* to, __m256i what) {
  _mm_storeu_si128(static_cast<half*>(to), _mm256_castsi256_si128(what));
}

/// Twelve bytes in each half, as 16 numbers of 6 bits.
SWITCHBOARD_AVX2 __m256i to_sextets(__m256i in) {
  // Of each three bytes a, b, c: b a c b, so that each 16 bits hold two neighbours in order.
  const __m256i spread = both(_mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
  in = _mm256_shuffle_epi8(in, spread);
  // Multiplying shifts each 16 bits by an amount of its own.
  const __m256i first = _mm256_mulhi_epu16(_mm256_and_si256(in, _mm256_set1_epi32(0x0fc0fc00)),
                                           _mm256_set1_epi32(0x04000040));
  const __m256i second = _mm256_mullo_epi16(_mm256_and_si256(in, _mm256_set1_epi32(0x003f03f0)),
                                            _mm256_set1_epi32(0x01000010));
  return _mm256_or_si256(first, second);
}

/// Each number's letter: by its range, what is to be added.
SWITCHBOARD_AVX2 __m256i to_letters(__m256i sextets) {
  const __m256i added =
      both(_mm_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                         '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0));
  // 0..51 -> 0, 52..63 -> 1..12; then 0..25 -> 13.
  __m256i range = _mm256_subs_epu8(sextets, _mm256_set1_epi8(51));
  const __m256i upper_case = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), sextets);
  range = _mm256_or_si256(range, _mm256_and_si256(upper_case, _mm256_set1_epi8(13)));
  return _mm256_add_epi8(sextets, _mm256_shuffle_epi8(added, range));
}

SWITCHBOARD_AVX2 size_t encode(byte_view bytes, char* out) {
  size_t at = 0;
  for (; at + bytes_a_half + sizeof(half) <= bytes.size;
       at += bytes_a_step, out += characters_a_step) {
    const auto* from = bytes.data + at;
    const __m256i in = _mm256_inserti128_si256(_mm256_castsi128_si256(load_half(from)),
                                               load_half(from + bytes_a_half), 1);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), to_letters(to_sextets(in)));
  }
  if (at + sizeof(half) <= bytes.size) {
    store_half(out, to_letters(to_sextets(both(load_half(bytes.data + at)))));
    at += bytes_a_half;
  }
  return at;
}

/// @returns false if a character is not of the alphabet; else each one's number in its place.
SWITCHBOARD_AVX2 bool to_sextets_of_letters(__m256i& in) {
  // A character is of the alphabet if the sets of faults of its two halves have none in common.
  const __m256i low_faults = both(_mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                                0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A));
  const __m256i high_faults = both(_mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08,
                                                 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10));
  const __m256i added =
      both(_mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i slash = _mm256_set1_epi8('/'); // as a mask: the low half, and a bit that the
                                               // shuffle does not look at
  const __m256i high = _mm256_and_si256(_mm256_srli_epi32(in, 4), slash);
  const __m256i low = _mm256_and_si256(in, slash);
  if (_mm256_testz_si256(_mm256_shuffle_epi8(low_faults, low),
                         _mm256_shuffle_epi8(high_faults, high)) == 0)
    return false;
  // '/' alone shares its high half with others: one less is a place of its own.
  const __m256i range = _mm256_add_epi8(_mm256_cmpeq_epi8(in, slash), high);
  in = _mm256_add_epi8(in, _mm256_shuffle_epi8(added, range));
  return true;
}

/// 32 numbers of 6 bits as 24 bytes, in the first three quarters of the result.
SWITCHBOARD_AVX2 __m256i pack(__m256i sextets) {
  const __m256i pairs = _mm256_maddubs_epi16(sextets, _mm256_set1_epi32(0x01400140));
  const __m256i triples = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
  const __m256i ordered = _mm256_shuffle_epi8(
      triples, both(_mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1)));
  return _mm256_permutevar8x32_epi32(ordered, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
}

SWITCHBOARD_AVX2 size_t decode(std::string_view text, uint8_t* out) {
  size_t at = 0;
  for (; at + characters_a_step <= text.size(); at += characters_a_step, out += bytes_a_step) {
    __m256i in = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
    if (!to_sextets_of_letters(in))
      break;
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), pack(in));
  }
  if (at + characters_a_half <= text.size()) {
    __m256i in = both(load_half(text.data() + at));
    if (to_sextets_of_letters(in)) {
      store_half(out, pack(in));
      at += characters_a_half;
    }
  }
  return at;
}

#undef SWITCHBOARD_AVX2

} // namespace

size_t base64_encode_wide(byte_view bytes, char* out) {
  return has_avx2() ? encode(bytes, out) : 0;
}

size_t base64_decode_wide(std::string_view text, uint8_t* out) {
  return has_avx2() ? decode(text, out) : 0;
}

#else

size_t base64_encode_wide(byte_view, char*) {
  return 0;
}

size_t base64_decode_wide(std::string_view, uint8_t*) {
  return 0;
}

#endif

} // namespace switchboard::audio
