#define CAF_SUITE base64
#define FAIL CAF_FAIL
#include "audio/base64.hpp"

#include <algorithm>
#include <random>

#include <caf/test/dsl.hpp>

using namespace switchboard::audio;

namespace {

std::string encoded(std::string_view text) {
  std::string out;
  base64_append(out, text);
  return out;
}

std::string decoded(std::string_view text) {
  byte_buffer out{1, 2, 3};
  if (!base64_decode(text, out)) {
    return out.empty() ? "refused" : "refused but not empty";
  }
  return {out.begin(), out.end()};
}

std::string_view audio_text(const byte_buffer& bytes) {
  return byte_view{bytes}.to_string_view();
}

/// Bit by bit, straight from the text of the RFC.
std::string reference(const byte_buffer& bytes) {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bits;
  for (const uint8_t b : bytes) {
    for (int i = 7; i >= 0; --i) {
      bits += (b >> i & 1) != 0 ? '1' : '0';
    }
  }
  bits.resize((bits.size() + 5) / 6 * 6, '0');
  std::string text;
  for (size_t i = 0; i < bits.size(); i += 6) {
    text += letters[std::stoul(bits.substr(i, 6), nullptr, 2)];
  }
  text.resize((text.size() + 3) / 4 * 4, '=');
  return text;
}

} // namespace

CAF_TEST(the vectors of RFC 4648 hold both ways) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    CAF_CHECK_EQUAL(encoded(plain), text);
    CAF_CHECK_EQUAL(decoded(text), plain);
    CAF_CHECK_EQUAL(base64_encoded_size(plain.size()), text.size());
    CAF_CHECK_EQUAL(base64_decoded_size(text), plain.size());
  }
}

CAF_TEST(padding may be left out altogether) {
  CAF_CHECK_EQUAL(decoded("Zg"), "f");
  CAF_CHECK_EQUAL(decoded("Zm8"), "fo");
  CAF_CHECK_EQUAL(decoded("Zm9vYg"), "foob");
}

CAF_TEST(bad input is refused and leaves nothing behind) {
  for (const std::string text : {"Z",      "Zg=",      "Zm8==", "=",        "==",
                                 "====",   "Zg==Zg==", "Zm9v=", "Zm9vY",    "Zm 9",
                                 "Zm9v\n", "Zm-_",     "Zh==",  "Zm9=",     "Zh",
                                 "Zm9",    "Zg=a",     "Z=g=",  "Zm9v====", "\xC3\xA9Zm"}) {
    CAF_CHECK_EQUAL(decoded(text), "refused");
  }
  CAF_CHECK_EQUAL(decoded(std::string_view("Zm9\0", 4)), "refused");
}

CAF_TEST(what is encoded comes back and is what the RFC says) {
  std::mt19937 random{1};
  for (size_t size = 0; size < 700; ++size) {
    byte_buffer bytes(size);
    for (auto& b : bytes) {
      b = static_cast<uint8_t>(random());
    }
    std::string text = "x"; // appends
    base64_append(text, bytes);
    const std::string expected = "x" + reference(bytes);
    byte_buffer back;
    if (text != expected || !base64_decode(std::string_view{text}.substr(1), back) ||
        back != bytes) {
      CAF_FAIL("differs at " << size << " bytes");
    }
  }
  CAF_CHECK_EQUAL(base64_encoded_size(160), 216u);
}

CAF_TEST(random text is decoded only if encoding gives it back) {
  std::mt19937 random{2};
  const std::string_view letters = "ABCZabcz0189+/==-_ \n";
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (size_t n = random() % 12; n > 0; --n) {
      text += letters[random() % letters.size()];
    }
    byte_buffer out;
    if (!base64_decode(text, out)) {
      CAF_REQUIRE(out.empty());
      continue;
    }
    std::string again;
    base64_append(again, out);
    if (text.find('=') == std::string::npos) {
      again.erase(std::find(again.begin(), again.end(), '='), again.end());
    }
    CAF_REQUIRE_EQUAL(again, text);
  }
}

CAF_TEST(one wrong character anywhere is found) {
  byte_buffer bytes(96);
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<uint8_t>(i * 37);
  }
  const std::string right = encoded(audio_text(bytes));
  for (size_t place = 0; place < right.size(); ++place) {
    for (int value = 0; value < 256; ++value) {
      std::string text = right;
      text[place] = static_cast<char>(value);
      const bool letter = std::isalnum(value) != 0 || value == '+' || value == '/';
      const bool padding = value == '=' && place + 1 == right.size();
      byte_buffer out;
      const bool taken = base64_decode(text, out);
      if (taken != letter && !padding) {
        CAF_FAIL("character " << value << " at " << place);
      }
      if (taken && encoded(audio_text(out)) != text && !padding) {
        CAF_FAIL("character " << value << " at " << place << " is another one");
      }
    }
  }
}

CAF_TEST(a buffer that held more keeps nothing of it) {
  byte_buffer out(500, 7);
  CAF_CHECK(base64_decode("Zm9vYmFy", out));
  CAF_CHECK_EQUAL(out.size(), 6u);
}
