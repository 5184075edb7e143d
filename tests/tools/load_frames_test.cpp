#define CAF_SUITE load_frames
#define FAIL CAF_FAIL
#include "tools/sim_common/load_frames.hpp"
#include "tools/sim_common/load_stamp.hpp"

#include <vector>

#include <caf/test/dsl.hpp>

using namespace sim;

namespace {

std::vector<std::string> read_in_pieces(std::string bytes, size_t piece) {
  std::vector<std::string> seen;
  ws_reader reader;
  for (size_t at = 0; at < bytes.size(); at += piece)
    CAF_CHECK(reader.feed(&bytes[at], std::min(piece, bytes.size() - at),
                          [&](uint8_t opcode, std::string_view payload) {
                            seen.push_back(std::to_string(opcode) + ":" + std::string{payload});
                          }));
  return seen;
}

} // namespace

CAF_TEST(frames of every length class come out as they went in however they are cut) {
  std::string bytes;
  std::vector<std::string> wanted;
  for (size_t size : {0, 1, 125, 126, 65535, 65536}) {
    append_ws_frame(bytes, ws_opcode::text, std::string(size, 'x'), size % 2 == 0);
    wanted.push_back("1:" + std::string(size, 'x'));
  }
  append_ws_frame(bytes, ws_opcode::close, {"\x03\xe8", 2}, true);
  wanted.push_back(std::string{"8:\x03\xe8"});
  for (size_t piece : {1, 7, 4096, 1'000'000})
    CAF_CHECK(read_in_pieces(bytes, piece) == wanted);
}

CAF_TEST(a masked frame is unmasked with its key) {
  // RFC 6455 section 5.7: a single-frame masked text message, "Hello".
  const std::string hello{"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11};
  CAF_CHECK(read_in_pieces(hello, 100) == std::vector<std::string>{"1:Hello"});
}

CAF_TEST(fragments and frames beyond all reason are refused) {
  ws_reader reader;
  std::string fragment{"\x01\x01x", 3};
  CAF_CHECK(!reader.feed(fragment.data(), fragment.size(), [](uint8_t, std::string_view) {}));
  ws_reader other;
  std::string huge{"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10};
  CAF_CHECK(!other.feed(huge.data(), huge.size(), [](uint8_t, std::string_view) {}));
}

CAF_TEST(
    the key of RFC 6455 section 1_3 gets its answer and headers are found whatever their case) {
  CAF_CHECK_EQUAL(ws_accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nSEC-WebSocket-Key:  abc\r\n\r\n";
  CAF_CHECK_EQUAL(http_header(head, "sec-websocket-key"), "abc");
  CAF_CHECK_EQUAL(http_header(head, "upgrade"), "");
}

CAF_TEST(a stamp survives base64 and audio without one has none) {
  std::string frame(load_frame_bytes, '\x55');
  write_stamp(frame.data(), {7, 42, 1'234'567'890'123});
  std::string text, back;
  append_base64(text, frame);
  CAF_REQUIRE(decode_base64(text, back));
  CAF_CHECK_EQUAL(back, frame);
  load_stamp seen;
  CAF_REQUIRE(read_stamp(back, seen));
  CAF_CHECK_EQUAL(seen.stream, 7u);
  CAF_CHECK_EQUAL(seen.sequence, 42u);
  CAF_CHECK_EQUAL(seen.sent_us, 1'234'567'890'123);
  CAF_CHECK(!read_stamp(std::string(load_frame_bytes, '\x55'), seen));
  CAF_CHECK(!read_stamp(back.substr(0, load_stamp_bytes - 1), seen));
}

CAF_TEST(base64 is that of RFC 4648 section 10) {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}};
  for (auto& [plain, coded] : vectors) {
    std::string out, back;
    append_base64(out, plain);
    CAF_CHECK_EQUAL(out, coded);
    CAF_CHECK(decode_base64(coded, back));
    CAF_CHECK_EQUAL(back, plain);
  }
  std::string out;
  CAF_CHECK(!decode_base64("Zm9v*", out));
}
