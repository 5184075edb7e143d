#include "http/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <climits>
#include <stdexcept>

namespace switchboard::http {

namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hmac(const EVP_MD* algorithm, std::string_view key, std::string_view message) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  // OpenSSL takes the key's length as an int; no key of ours is near that.
  if (key.size() > INT_MAX || HMAC(algorithm, key.data(), static_cast<int>(key.size()),
                                   bytes_of(message), message.size(), digest, &size) == nullptr)
    throw std::runtime_error("HMAC is not available");
  return std::string(reinterpret_cast<const char*>(digest), size);
}

} // namespace

std::string hmac_sha1(std::string_view key, std::string_view message) {
  return hmac(EVP_sha1(), key, message);
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
  return hmac(EVP_sha256(), key, message);
}

std::string sha256_hex(std::string_view message) {
  static constexpr char digits[] = "0123456789abcdef";
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(bytes_of(message), message.size(), digest);
  std::string hex;
  for (unsigned char byte : digest) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

std::string base64_text(std::string_view raw) {
  std::string text((raw.size() + 2) / 3 * 4 + 1, '\0'); // OpenSSL writes a final NUL
  int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(raw),
                             static_cast<int>(raw.size()));
  text.resize(static_cast<size_t>(size));
  return text;
}

std::string base64url_text(std::string_view raw) {
  std::string text = base64_text(raw);
  while (!text.empty() && text.back() == '=')
    text.pop_back();
  for (char& c : text)
    c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(size_t count) {
  std::string bytes(count, '\0');
  if (count > INT_MAX ||
      RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
    throw std::runtime_error("the system has no random bytes");
  return bytes;
}

} // namespace switchboard::http
