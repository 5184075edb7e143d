#include "http/tls_session.hpp"

#include "conf/defaults/websocket.hpp"
#include "http/tls_client_context.hpp"

#include <asio/error.hpp>
#include <asio/ssl/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace switchboard::http {

namespace limits = defaults::websocket;

namespace {

std::string& output_of_thread() {
  thread_local std::string output;
  return output;
}

/// For what one read brings, with the rest of the record that an earlier one left in the session:
/// what is decrypted is never more than what was encrypted.
struct plain_buffer {
  static constexpr size_t size = limits::read_buffer_bytes + limits::tls_record_bytes_max;
  // Not cleared: pages that nothing fills stay unused.
  std::unique_ptr<char[]> bytes{new char[size]};
};

plain_buffer& plain_of_thread() {
  thread_local plain_buffer plain;
  return plain;
}

} // namespace

/// Where OpenSSL reads and writes: the session's input, and the thread's output.
struct tls_session_bio {
  static tls_session& of(BIO* bio) { return *static_cast<tls_session*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, int wanted) {
    auto& session = of(bio);
    BIO_clear_retry_flags(bio);
    if (session.input_bytes_ == 0) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const size_t count = std::min(static_cast<size_t>(wanted), session.input_bytes_);
    std::memcpy(to, session.input_, count);
    session.input_ += count;
    session.input_bytes_ -= count;
    return static_cast<int>(count);
  }

  static int write(BIO* bio, const char* bytes, int count) {
    BIO_clear_retry_flags(bio);
    of(bio).output_.append(bytes, static_cast<size_t>(count));
    return count;
  }

  static long control(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }

  static BIO* make(tls_session& session) {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* made =
          BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "switchboard stream");
      if (made == nullptr)
        throw std::bad_alloc();
      BIO_meth_set_read(made, &read);
      BIO_meth_set_write(made, &write);
      BIO_meth_set_ctrl(made, &control);
      return made; // for as long as the process lives
    }();
    BIO* bio = BIO_new(method);
    if (bio == nullptr)
      throw std::bad_alloc();
    BIO_set_data(bio, &session);
    BIO_set_init(bio, 1);
    return bio;
  }
};

void tls_session::ssl_deleter::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

tls_session::tls_session(tls_client_context& context, const std::string& host)
    : ssl_(SSL_new(native_context(context))), output_(output_of_thread()) {
  if (ssl_ == nullptr)
    throw std::bad_alloc();
  SSL_set_connect_state(ssl_.get());
  BIO* bio = tls_session_bio::make(*this);
  SSL_set_bio(ssl_.get(), bio, bio); // takes it over
  X509_VERIFY_PARAM* checks = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str()) == 1)
    return; // an address: no SNI (RFC 6066 section 3)
  if (X509_VERIFY_PARAM_set1_host(checks, host.c_str(), host.size()) != 1 ||
      SSL_set_tlsext_host_name(ssl_.get(), host.c_str()) != 1)
    throw std::bad_alloc();
}

tls_session::~tls_session() = default;

void tls_session::input(const char* bytes, size_t count) {
  input_ = bytes;
  input_bytes_ = count;
}

/// @returns whether that was more than a want of input; failure() says what.
bool tls_session::failed(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
  case SSL_ERROR_WANT_READ:
    return false;
  case SSL_ERROR_SSL:
    failure_ = {static_cast<int>(ERR_get_error()), asio::error::get_ssl_category()};
    ERR_clear_error();
    return true;
  default: // a close_notify
    failure_ = asio::error::eof;
    return true;
  }
}

tls_session::progress tls_session::shake() {
  ERR_clear_error(); // of whoever was here before: it would count as ours
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1)
    return progress::done;
  return failed(result) ? progress::failed : progress::wants_more;
}

std::string tls_session::verify_problem() const {
  const long result = SSL_get_verify_result(ssl_.get());
  return result == X509_V_OK ? std::string() : X509_verify_cert_error_string(result);
}

tls_session::decrypted tls_session::decrypt() {
  auto& plain = plain_of_thread();
  decrypted got{plain.bytes.get(), 0, {}};
  ERR_clear_error();
  while (got.count < plain_buffer::size) {
    size_t count = 0;
    const int result =
        SSL_read_ex(ssl_.get(), got.bytes + got.count, plain_buffer::size - got.count, &count);
    if (result != 1) {
      if (failed(result))
        got.over = failure_;
      return got;
    }
    got.count += count;
  }
  got.over = asio::error::no_buffer_space; // not with input of a read's size
  return got;
}

bool tls_session::encrypt(const char* bytes, size_t count) {
  ERR_clear_error();
  size_t written = 0;
  const int result = SSL_write_ex(ssl_.get(), bytes, count, &written);
  if (result == 1)
    return true;
  if (!failed(result))
    failure_ = asio::error::not_connected; // in the middle of a handshake
  return false;
}

bool tls_session::close() {
  if (SSL_is_init_finished(ssl_.get()) == 0)
    return false;
  ERR_clear_error();
  SSL_shutdown(ssl_.get()); // says it, and does not wait for the answer
  return true;
}

} // namespace switchboard::http
