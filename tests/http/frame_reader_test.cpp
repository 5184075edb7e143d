#define CAF_SUITE frame_reader
#define FAIL CAF_FAIL
#include "http/frame_reader.hpp"
#include "http/frame_writer.hpp"
#include "tests/http/frame_reference.hpp"
#include "tests/http/websocket_fixture.hpp"

#include <random>

#include <caf/test/dsl.hpp>

using namespace switchboard::http;
using namespace switchboard::http::testing;

namespace {

constexpr size_t bound = 300;

/// Frames as peers send them, and in one of eight something that none may send.
class frame_maker {
public:
  explicit frame_maker(unsigned seed) : random_(seed) {}

  std::string stream(bool server) {
    std::string bytes;
    for (size_t left = 1 + random_() % 8; left > 0; --left)
      bytes += next(server).bytes();
    return bytes;
  }
  std::vector<size_t> cuts() {
    std::vector<size_t> out(1 + random_() % 4);
    for (auto& cut : out)
      cut = random_() % 3 == 0 ? 0 : 1 + random_() % 40;
    return out;
  }

private:
  frame next(bool server) {
    frame f;
    f.masked = server;
    f.fin = random_() % 3 != 0;
    if (random_() % 4 == 0) {
      f.opcode = random_() % 2 == 0 ? ping : pong;
      f.fin = true;
    } else {
      f.opcode = open_ ? continuation : random_() % 3 == 0 ? binary : text;
      open_ = !f.fin;
    }
    f.payload = payload();
    if (random_() % 8 == 0)
      spoil(f);
    return f;
  }

  std::string payload() {
    static const char* const parts[] = {
        "a", "0123456789", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "{\"event\":\"media\"}"};
    std::string out;
    for (size_t left = random_() % 12; left > 0; --left)
      out += parts[random_() % 6];
    return out;
  }

  void spoil(frame& f) {
    switch (random_() % 7) {
    case 0:
      f.reserved_bits = 1 + random_() % 7;
      break;
    case 1:
      f.opcode = static_cast<op>(random_() % 16);
      break;
    case 2:
      f.masked = !f.masked;
      break;
    case 3:
      f.payload += static_cast<char>(random_());
      break;
    case 4:
      f.payload = f.payload.substr(0, f.payload.size() / 2);
      break;
    case 5:
      f.claim = random_() % 2 == 0 ? UINT64_MAX - random_() % 4 : random_() % 400;
      break;
    case 6:
      f.fin = false;
      break;
    }
  }

  std::mt19937 random_;
  bool open_ = false;
};

} // namespace

CAF_TEST(random streams mean the same to us and to websocketpp) {
  size_t messages = 0, problems = 0;
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    frame_maker make(seed);
    const bool server = seed % 2 == 0;
    const auto bytes = make.stream(server);
    const auto cuts = make.cuts();
    const auto ours = read_by_us(server, bound, bytes, cuts);
    if (!agree(ours, read_by_websocketpp(server, bound, bytes, cuts)))
      CAF_FAIL("seed " << seed);
    messages += ours.messages.size();
    problems += ours.close_code != 0 ? 1 : 0;
  }
  CAF_CHECK(messages > 20'000); // the test looks at something
  CAF_CHECK(problems > 1'000);
}

CAF_TEST(a text in fragments that ends inside a character is no text) {
  auto bytes = frame{text, "ab", false}.bytes() + frame{continuation, "\xe2\x82"}.bytes();
  CAF_CHECK_EQUAL(read_by_us(true, bound, bytes, {}).close_code, 1007);
}

CAF_TEST(a message that was read whole is given out where it lies) {
  auto bytes = frame{text, "first"}.bytes() + frame{text, "second"}.bytes();
  frame_reader reader(true, bound);
  size_t used = reader.read(bytes.data(), bytes.size());
  CAF_REQUIRE(reader.ready());
  CAF_CHECK_EQUAL(std::string(reader.payload()), "first");
  CAF_CHECK(reader.payload().data() == bytes.data() + used - 5);
  used += reader.read(bytes.data() + used, bytes.size() - used);
  CAF_REQUIRE(reader.ready());
  CAF_CHECK_EQUAL(std::string(reader.payload()), "second");
  CAF_CHECK_EQUAL(used, bytes.size());
}

CAF_TEST(after a problem nothing is taken) {
  auto bytes = frame{static_cast<op>(3), "x"}.bytes();
  frame_reader reader(true, bound);
  reader.read(bytes.data(), bytes.size());
  CAF_CHECK(reader.problem() == frame_problem::unknown_opcode);
  auto good = frame{text, "x"}.bytes();
  CAF_CHECK_EQUAL(reader.read(good.data(), good.size()), 0u);
  CAF_CHECK(!reader.ready());
}

CAF_TEST(a mask turns with the place in the frame) {
  const std::string clear = "the mask's four bytes come again and again";
  std::string whole = clear;
  apply_mask(whole.data(), whole.size(), 0x04030201);
  for (size_t cut = 0; cut <= clear.size(); ++cut) {
    std::string parts = clear;
    apply_mask(parts.data(), cut, 0x04030201);
    apply_mask(parts.data() + cut, parts.size() - cut, 0x04030201, cut);
    CAF_CHECK_EQUAL(parts, whole);
  }
}

CAF_TEST(what is written is read again at all lengths around the borders) {
  for (size_t size : {0u, 1u, 125u, 126u, 127u, 65'535u, 65'536u})
    for (bool masked : {false, true}) {
      std::string bytes;
      append_frame(bytes, frame_opcode::binary, std::string(size, 'x'), masked);
      frame_reader reader(masked, 100'000);
      CAF_CHECK_EQUAL(reader.read(bytes.data(), bytes.size()), bytes.size());
      CAF_CHECK(reader.ready());
      CAF_CHECK(reader.opcode() == frame_opcode::binary);
      CAF_CHECK(reader.payload() == std::string(size, 'x'));
    }
}

CAF_TEST(every problem has a text and a code) {
  for (int i = 0; i <= static_cast<int>(frame_problem::not_utf8); ++i) {
    const auto problem = static_cast<frame_problem>(i);
    CAF_CHECK_NOT_EQUAL(std::string(to_string(problem)), "unknown");
    const auto code = close_code_of(problem);
    CAF_CHECK(code == 1002 || code == 1007 || code == 1009);
  }
}
