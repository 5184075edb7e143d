#include "http/tls_client_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <stdexcept>

namespace switchboard::http {
namespace {

struct ssl_ctx_deleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

class openssl_context final : public tls_client_context {
public:
  explicit openssl_context(SSL_CTX* context) : context_(context) {}
  SSL_CTX* get() const { return context_.get(); }

private:
  std::unique_ptr<SSL_CTX, ssl_ctx_deleter> context_;
};

[[noreturn]] void throw_openssl(const std::string& what) {
  char text[256] = "unknown error";
  if (const unsigned long code = ERR_get_error(); code != 0)
    ERR_error_string_n(code, text, sizeof(text));
  ERR_clear_error();
  throw std::runtime_error(what + ": " + text);
}

void load_authorities(SSL_CTX* context, const std::string& ca_file) {
  if (ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1)
      throw_openssl("cannot load the system's certificate authorities");
  } else if (SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) != 1) {
    throw_openssl("cannot load certificate authorities from " + ca_file);
  }
}

} // namespace

std::shared_ptr<tls_client_context> tls_client_context::create(const std::string& ca_file) {
  ERR_clear_error();
  SSL_CTX* native = SSL_CTX_new(TLS_client_method());
  if (native == nullptr)
    throw_openssl("cannot create a TLS context");
  auto context = std::make_shared<openssl_context>(native);
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  // 34 kB less per idle connection; the session cache would hold what we never resume.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION); // TLS 1.2: nothing is sent but when we send
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  // A WebSocket upgrade needs HTTP/1.1; a server that offers both would take h2.
  static const unsigned char protocols[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(native, protocols, sizeof(protocols) - 1);
  load_authorities(native, ca_file);
  return context;
}

ssl_ctx_st* native_context(tls_client_context& context) {
  return static_cast<openssl_context&>(context).get();
}

} // namespace switchboard::http
