#include "http/plain_text.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace switchboard::http {

namespace {

bool is_plain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
}

#if defined(__SSE2__)
constexpr size_t wide_bytes = sizeof(__m128i);

/// One bit for each of 16 bytes that is not plain.
unsigned not_plain(const char* bytes) {
  const __m128i in = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  // Compared as signed numbers: what is not ASCII is below the blank, too.
  const __m128i low = _mm_cmplt_epi8(in, _mm_set1_epi8(0x20));
  const __m128i special = _mm_or_si128(_mm_cmpeq_epi8(in, _mm_set1_epi8('"')),
                                       _mm_or_si128(_mm_cmpeq_epi8(in, _mm_set1_epi8('\\')),
                                                    _mm_cmpeq_epi8(in, _mm_set1_epi8(0x7F))));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(low, special)));
}
#endif

} // namespace

size_t plain_prefix_bytes(std::string_view text) {
  size_t at = 0;
#if defined(__SSE2__)
  for (; at + wide_bytes <= text.size(); at += wide_bytes)
    if (const unsigned found = not_plain(text.data() + at); found != 0)
      return at + static_cast<size_t>(__builtin_ctz(found));
#endif
  while (at < text.size() && is_plain(static_cast<unsigned char>(text[at])))
    ++at;
  return at;
}

} // namespace switchboard::http
