#include "storage/journal_codec.hpp"

#include "conf/defaults/storage.hpp"
#include "storage/crc32c.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace switchboard::storage {
namespace {

namespace limits = defaults::storage;

/// 0x89 and the line ends catch files that went through a text conversion, as PNG's magic does.
constexpr std::array<uint8_t, 8> magic = {0x89, 'S', 'W', 'B', 'J', '\r', '\n', 0x1a};
constexpr uint16_t version = 1;
constexpr size_t pcmu_bytes_per_ms = 8;

// Places of the fields in a record.
constexpr size_t crc_at = 0;
constexpr size_t length_at = 4;
constexpr size_t type_at = 8;
constexpr size_t flag_at = 9;
constexpr size_t item_at = 12;
constexpr size_t at_ms_at = 16;
constexpr size_t offset_at = 24;
constexpr size_t header_bytes = limits::journal_record_header_bytes;

template <class T>
void store_le(uint8_t* at, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) {
    at[i] = static_cast<uint8_t>(value >> (8 * i));
  }
}

template <class T>
T load_le(const uint8_t* at) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | static_cast<T>(at[i]) << (8 * i));
  }
  return value;
}

std::array<uint8_t, journal_header_bytes> make_header() {
  std::array<uint8_t, journal_header_bytes> header{};
  std::copy(magic.begin(), magic.end(), header.begin());
  store_le<uint16_t>(&header[8], version);
  store_le<uint16_t>(&header[10], journal_header_bytes);
  store_le<uint32_t>(&header[12], crc32c(header.data(), 12));
  return header;
}

void append_record(audio::byte_buffer& out, const fact& x, const uint8_t* payload, size_t size) {
  std::array<uint8_t, header_bytes> header{}; // zeros where it has nothing to tell
  auto* const at = header.data();
  store_le<uint32_t>(at + length_at, static_cast<uint32_t>(size));
  at[type_at] = static_cast<uint8_t>(x.type);
  at[flag_at] = x.flag;
  store_le<uint32_t>(at + item_at, x.item);
  store_le<uint64_t>(at + at_ms_at, x.at_ms);
  store_le<uint64_t>(at + offset_at, x.offset_bytes);
  // Summed from where the bytes came from: where they go to is not in the cache.
  const auto of_header = crc32c(at + length_at, header_bytes - length_at);
  store_le<uint32_t>(at + crc_at, crc32c(payload, size, of_header));
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), payload, payload + size);
}

/// The longest beginning of `text` within `size` bytes that ends no character in its middle.
size_t utf8_cut(const uint8_t* text, size_t size) {
  while (size > 0 && (text[size] & 0xc0) == 0x80) {
    --size;
  }
  return size;
}

} // namespace

std::string_view fact::text() const {
  return bytes.to_string_view();
}

void append_journal_header(audio::byte_buffer& out) {
  const auto header = make_header();
  out.insert(out.end(), header.begin(), header.end());
}

void append_fact(audio::byte_buffer& out, const fact& x) {
  const auto* payload = x.bytes.data;
  auto left = x.bytes.size;
  const bool is_audio = x.type == fact_type::caller_audio || x.type == fact_type::agent_audio;
  if (left > limits::journal_payload_bytes_max && !is_audio) {
    left = utf8_cut(payload, limits::journal_payload_bytes_max);
  }
  auto piece = x;
  do {
    const auto size = std::min(left, limits::journal_payload_bytes_max);
    append_record(out, piece, payload, size);
    if (size < left) {
      // Long audio goes on in a further record, placed where its first byte belongs.
      payload += size;
      piece.offset_bytes += size;
      piece.at_ms += x.type == fact_type::caller_audio ? size / pcmu_bytes_per_ms : 0;
    }
    left -= size;
  } while (left > 0);
}

read_end check_journal_header(audio::byte_view bytes) {
  const auto expected = make_header();
  const auto size = std::min(bytes.size, expected.size());
  if (std::equal(bytes.data, bytes.data + size, expected.begin())) {
    return size == expected.size() ? read_end::complete : read_end::torn_tail;
  }
  if (size < expected.size() || !std::equal(magic.begin(), magic.end(), bytes.data) ||
      load_le<uint32_t>(bytes.data + 12) != crc32c(bytes.data, 12)) {
    return read_end::not_a_journal;
  }
  return load_le<uint16_t>(bytes.data + 8) > version ? read_end::newer_version
                                                     : read_end::not_a_journal;
}

parsed_fact parse_fact(audio::byte_view bytes) {
  parsed_fact result;
  if (bytes.size < header_bytes) {
    result.state = parse_state::need_more;
    result.bytes = header_bytes;
    return result;
  }
  const auto* at = bytes.data;
  const size_t payload = load_le<uint32_t>(at + length_at);
  if (payload > limits::journal_payload_bytes_max || load_le<uint16_t>(at + flag_at + 1) != 0) {
    return result;
  }
  result.bytes = header_bytes + payload;
  if (bytes.size < result.bytes) {
    result.state = parse_state::need_more;
    return result;
  }
  if (load_le<uint32_t>(at + crc_at) != crc32c(at + length_at, result.bytes - length_at)) {
    return result;
  }
  result.state = parse_state::record;
  result.value.type = static_cast<fact_type>(at[type_at]);
  result.value.flag = at[flag_at];
  result.value.item = load_le<uint32_t>(at + item_at);
  result.value.at_ms = load_le<uint64_t>(at + at_ms_at);
  result.value.offset_bytes = load_le<uint64_t>(at + offset_at);
  result.value.bytes = audio::byte_view(at + header_bytes, payload);
  return result;
}

read_report read_journal_bytes(audio::byte_view bytes,
                               const std::function<bool(const fact&)>& sink) {
  read_report report;
  report.end = check_journal_header(bytes);
  if (report.end != read_end::complete) {
    return report;
  }
  report.good_bytes = journal_header_bytes;
  while (report.good_bytes < bytes.size) {
    const auto parsed = parse_fact(bytes.subview(report.good_bytes));
    if (parsed.state != parse_state::record) {
      report.end = parsed.state == parse_state::need_more ? read_end::torn_tail : read_end::corrupt;
      break;
    }
    report.good_bytes += parsed.bytes;
    ++report.facts;
    report.last_at_ms = std::max(report.last_at_ms, parsed.value.at_ms);
    if (!sink(parsed.value)) {
      break;
    }
  }
  return report;
}

} // namespace switchboard::storage
