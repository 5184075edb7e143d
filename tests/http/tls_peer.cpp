#include "tests/http/tls_peer.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <stdexcept>
#include <utility>

namespace switchboard::http::testing {

namespace {

void use(SSL_CTX* context, const certificate& own) {
  BIO* bio = BIO_new_mem_buf(own.certificate_pem.data(), -1);
  X509* x509 = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  bio = BIO_new_mem_buf(own.key_pem.data(), -1);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  const bool used =
      SSL_CTX_use_certificate(context, x509) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1;
  X509_free(x509);
  EVP_PKEY_free(key);
  if (!used)
    throw std::runtime_error("the certificate of the test cannot be used");
}

} // namespace

tls_peer::tls_peer(raw_socket w, const certificate& own, int version)
    : wire(std::move(w)), context_(SSL_CTX_new(TLS_server_method())) {
  SSL_CTX_set_max_proto_version(context_, version);
  use(context_, own);
  ssl_ = SSL_new(context_);
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(ssl_);
}

tls_peer::~tls_peer() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

void tls_peer::pump() {
  wire.pump();
  if (!wire.received.empty())
    BIO_write(SSL_get_rbio(ssl_), wire.received.data(), static_cast<int>(wire.received.size()));
  wire.received.clear();
  ERR_clear_error();
  if (!hurried.empty() && !hurry())
    return;
  char plain[16 * 1024];
  int count = 0;
  while ((count = SSL_read(ssl_, plain, sizeof plain)) > 0)
    received.append(plain, static_cast<size_t>(count));
  goodbye = SSL_get_error(ssl_, count) == SSL_ERROR_ZERO_RETURN;
  problem = ERR_get_error();
  secured = SSL_is_init_finished(ssl_) != 0;
  flush();
}

/// @returns whether it is said.
bool tls_peer::hurry() {
  char early[1];
  size_t count = 0;
  if (SSL_read_early_data(ssl_, early, sizeof early, &count) != SSL_READ_EARLY_DATA_FINISH)
    return false;
  SSL_write_early_data(ssl_, hurried.data(), hurried.size(), &count);
  hurried.clear();
  flush();
  return true;
}

void tls_peer::send(const std::string& text) {
  wire.send(encrypt(text));
}

std::string tls_peer::encrypt(const std::string& text) {
  SSL_write(ssl_, text.data(), static_cast<int>(text.size()));
  return take_output();
}

void tls_peer::change_keys() {
  SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED);
  SSL_do_handshake(ssl_); // puts it on the wire
  flush();
}

void tls_peer::renegotiate() {
  SSL_renegotiate(ssl_);
  SSL_do_handshake(ssl_);
  flush();
}

void tls_peer::say_goodbye() {
  SSL_shutdown(ssl_);
  flush();
}

void tls_peer::flush() {
  wire.send(take_output());
}

std::string tls_peer::take_output() {
  BIO* out = SSL_get_wbio(ssl_);
  std::string bytes(BIO_ctrl_pending(out), '\0');
  if (!bytes.empty())
    BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

} // namespace switchboard::http::testing
