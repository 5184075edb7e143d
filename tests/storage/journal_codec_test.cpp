#define CAF_SUITE journal_codec
#define FAIL CAF_FAIL
#include "conf/defaults/storage.hpp"
#include "storage/journal.hpp"
#include "storage/journal_codec.hpp"
#include "storage/journal_reader.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <string>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;

namespace {

struct kept {
  fact_type type;
  uint64_t at_ms;
  uint32_t item;
  uint64_t offset_bytes;
  uint8_t flag;
  audio::byte_buffer bytes;
  bool operator==(const kept& x) const {
    return type == x.type && at_ms == x.at_ms && item == x.item && offset_bytes == x.offset_bytes &&
           flag == x.flag && bytes == x.bytes;
  }
};

kept keep(const fact& x) {
  return {x.type, x.at_ms, x.item, x.offset_bytes, x.flag, x.bytes.to_buffer()};
}

fact text_fact(fact_type type, uint64_t at_ms, std::string_view text) {
  fact x;
  x.type = type;
  x.at_ms = at_ms;
  x.bytes = audio::byte_view(text);
  return x;
}

/// A small journal with every kind of fact, and where each record ends.
struct sample {
  audio::byte_buffer bytes;
  std::vector<kept> facts;
  std::vector<size_t> ends;

  sample() {
    append_journal_header(bytes);
    ends.push_back(bytes.size());
    const std::string payload = "\x01\x7f\xff text \"x\"";
    const uint8_t types[] = {1, 2, 3, 4, 5, 16, 17, 18, 19, 20, 21, 22, 32, 48, 200};
    for (size_t i = 0; i < sizeof(types); ++i) {
      fact x;
      x.type = static_cast<fact_type>(types[i]);
      x.at_ms = i == 4 ? UINT64_MAX : 20 * i;
      x.item = static_cast<uint32_t>(i * 0x01020304u);
      x.offset_bytes = i * 0x0102030405060708ull;
      x.flag = static_cast<uint8_t>(i * 17);
      x.bytes = audio::byte_view(std::string_view(payload)).subview(0, i);
      append_fact(bytes, x);
      facts.push_back(keep(x));
      ends.push_back(bytes.size());
    }
  }

  /// Records that lie wholly within the first `size` bytes.
  size_t whole_within(size_t size) const {
    size_t n = 0;
    while (n + 1 < ends.size() && ends[n + 1] <= size) {
      ++n;
    }
    return n;
  }
};

struct outcome {
  read_report report;
  std::vector<kept> facts;
};

outcome read(const audio::byte_buffer& bytes) {
  outcome out;
  out.report = read_journal_bytes(bytes, [&](const fact& x) {
    out.facts.push_back(keep(x));
    return true;
  });
  return out;
}

bool is_prefix(const std::vector<kept>& part, const std::vector<kept>& whole, size_t count) {
  return part.size() == count && std::equal(part.begin(), part.end(), whole.begin());
}

} // namespace

CAF_TEST(what is written is read back field by field) {
  const sample journal;
  const auto got = read(journal.bytes);
  CAF_CHECK(got.report.end == read_end::complete);
  CAF_CHECK_EQUAL(got.report.good_bytes, journal.bytes.size());
  CAF_CHECK_EQUAL(got.report.facts, journal.facts.size());
  CAF_CHECK_EQUAL(got.report.last_at_ms, UINT64_MAX);
  CAF_CHECK(got.facts == journal.facts);
}

CAF_TEST(the bytes on disk are those of the documented format) {
  audio::byte_buffer bytes;
  append_journal_header(bytes);
  auto x = text_fact(fact_type::mark_sent, 0x0102, "ab");
  x.item = 3;
  x.offset_bytes = 4;
  x.flag = 5;
  append_fact(bytes, x);
  // Made with a CRC of another program.
  const audio::byte_buffer expected = {
      0x89, 'S',  'W',  'B',  'J', '\r', '\n', 0x1a, 1,  0, 16, 0, 0xe2, 0x5e, 0x0f, 0x12, //
      0xbc, 0xbe, 0x56, 0x4a, 2,   0,    0,    0,    18, 5, 0,  0, 3,    0,    0,    0,    //
      2,    1,    0,    0,    0,   0,    0,    0,    4,  0, 0,  0, 0,    0,    0,    0,
      'a',  'b'};
  CAF_CHECK(bytes == expected);
}

CAF_TEST(every cut leaves the longest good prefix) {
  const sample journal;
  for (size_t size = 0; size < journal.bytes.size(); ++size) {
    const auto got = read({journal.bytes.begin(), journal.bytes.begin() + static_cast<long>(size)});
    const auto whole = journal.whole_within(size);
    CAF_REQUIRE(is_prefix(got.facts, journal.facts, whole));
    const bool header = size >= journal_header_bytes;
    CAF_REQUIRE_EQUAL(got.report.good_bytes, header ? journal.ends[whole] : 0);
    const bool at_end = header && journal.ends[whole] == size;
    CAF_REQUIRE(got.report.end == (at_end ? read_end::complete : read_end::torn_tail));
  }
}

CAF_TEST(every flipped byte leaves the records before it) {
  const sample journal;
  for (size_t i = 0; i < journal.bytes.size(); ++i) {
    for (const uint8_t flip : {0x01, 0x80, 0xff}) {
      auto bytes = journal.bytes;
      bytes[i] ^= flip;
      const auto got = read(bytes);
      const auto whole = journal.whole_within(i);
      CAF_REQUIRE(got.report.end != read_end::complete);
      CAF_REQUIRE(is_prefix(got.facts, journal.facts, i < journal_header_bytes ? 0 : whole));
      CAF_REQUIRE_EQUAL(got.report.good_bytes, i < journal_header_bytes ? 0 : journal.ends[whole]);
    }
  }
}

CAF_TEST(a file is read as its bytes are) {
  test::temporary_directory root;
  sample journal;
  // Longer than one read, so that records lie across the borders of reads.
  const audio::byte_buffer noise(1000, 0x55);
  for (int i = 0; i < 500; ++i) {
    fact x;
    x.type = fact_type::caller_audio;
    x.at_ms = static_cast<uint64_t>(i);
    x.bytes = audio::byte_view(noise).subview(0, static_cast<size_t>(i * 7 % 1000));
    append_fact(journal.bytes, x);
  }
  for (const size_t cut : {0u, 1u, 20u, 777u, 100000u}) {
    auto bytes = journal.bytes;
    bytes.resize(bytes.size() - cut);
    test::write_file(root / "j", bytes);
    const auto expected = read(bytes);
    std::vector<kept> facts;
    const auto report = read_journal(root / "j", [&](const fact& x) {
      facts.push_back(keep(x));
      return true;
    });
    CAF_REQUIRE(report);
    CAF_CHECK(facts == expected.facts);
    CAF_CHECK(report->end == expected.report.end);
    CAF_CHECK_EQUAL(report->good_bytes, expected.report.good_bytes);
    CAF_CHECK_EQUAL(report->last_at_ms, expected.report.last_at_ms);
  }
  CAF_CHECK(read_journal(root / "none", [](const fact&) { return true; }).code() ==
            storage_error::not_found);
}

CAF_TEST(the reader says where each payload lies) {
  test::temporary_directory root;
  const sample journal;
  test::write_file(root / "j", journal.bytes);
  auto reader = journal_reader::open(root / "j");
  CAF_REQUIRE(reader);
  for (const auto& expected : journal.facts) {
    auto x = (*reader)->next();
    CAF_REQUIRE(x && *x);
    const auto at = (*reader)->payload_offset();
    CAF_CHECK(std::equal(expected.bytes.begin(), expected.bytes.end(),
                         journal.bytes.begin() + static_cast<long>(at)));
  }
}

CAF_TEST(a sink that has enough stops the reading) {
  const sample journal;
  size_t seen = 0;
  const auto report = read_journal_bytes(journal.bytes, [&](const fact&) { return ++seen < 3; });
  CAF_CHECK_EQUAL(seen, 3u);
  CAF_CHECK_EQUAL(report.good_bytes, journal.ends[3]);
}

CAF_TEST(audio beyond the bound is split where it belongs and text is cut) {
  constexpr auto most = defaults::storage::journal_payload_bytes_max;
  audio::byte_buffer bytes;
  append_journal_header(bytes);
  const audio::byte_buffer audio_bytes(2 * most + 80, 0x11);
  fact x;
  x.type = fact_type::caller_audio;
  x.at_ms = 1000;
  x.bytes = audio_bytes;
  append_fact(bytes, x);
  const std::string text = std::string(most - 1, 'a') + "\xc3\xa9 and more";
  append_fact(bytes, text_fact(fact_type::turn, 5, text));
  const auto got = read(bytes);
  CAF_CHECK(got.report.end == read_end::complete);
  CAF_REQUIRE_EQUAL(got.facts.size(), 4u);
  CAF_CHECK_EQUAL(got.facts[1].at_ms, 1000 + most / 8);
  CAF_CHECK_EQUAL(got.facts[1].offset_bytes, most);
  CAF_CHECK_EQUAL(got.facts[2].bytes.size(), 80u);
  CAF_CHECK_EQUAL(got.facts[3].bytes.size(), most - 1); // no half character
}

CAF_TEST(a claimed length is never trusted) {
  audio::byte_buffer bytes;
  append_journal_header(bytes);
  append_fact(bytes, text_fact(fact_type::turn, 5, "x"));
  for (const uint32_t claim : {0xffffffffu, 0x80000000u, 0x00040001u}) {
    auto lied = bytes;
    for (size_t i = 0; i < 4; ++i) {
      lied[journal_header_bytes + 4 + i] = static_cast<uint8_t>(claim >> (8 * i));
    }
    const auto got = read(lied);
    CAF_CHECK(got.report.end == read_end::corrupt);
    CAF_CHECK_EQUAL(got.report.good_bytes, journal_header_bytes);
  }
}

CAF_TEST(foreign files and newer versions are told apart) {
  CAF_CHECK(read({'R', 'I', 'F', 'F', 0, 0, 0, 0}).report.end == read_end::not_a_journal);
  CAF_CHECK(read(audio::byte_buffer(4096, 0)).report.end == read_end::not_a_journal);
  CAF_CHECK(read({}).report.end == read_end::torn_tail);
  // Version 2 with its right CRC.
  const audio::byte_buffer newer = {0x89, 'S', 'W', 'B', 'J', '\r', '\n', 0x1a, 2, 0, 16, 0};
  auto with_crc = newer;
  const uint32_t crc = [&] {
    uint32_t sum = 0xffffffffu; // bit by bit, for independence of the code under test
    for (const auto byte : newer) {
      sum ^= byte;
      for (int bit = 0; bit < 8; ++bit) {
        sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0x82f63b78u : 0);
      }
    }
    return ~sum;
  }();
  for (int i = 0; i < 4; ++i) {
    with_crc.push_back(static_cast<uint8_t>(crc >> (8 * i)));
  }
  CAF_CHECK(read(with_crc).report.end == read_end::newer_version);
}
