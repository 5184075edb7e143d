#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>

struct bio_st;
struct ssl_st;

namespace switchboard::http {

class tls_client_context;

/// A client's end of TLS without a socket (RFC 8446): bytes in, bytes out. What it has to say and
/// what it has decrypted stand in buffers that all sessions of a thread share, so a session that is
/// silent has none. Belongs to one thread. Nothing throws but the constructor.
class tls_session {
public:
  enum class progress : uint8_t { done, wants_more, failed };

  /// @param context outlives the session. @param host checked against the certificate, and sent as
  /// SNI unless it is an address.
  /// @throws std::bad_alloc
  tls_session(tls_client_context& context, const std::string& host);
  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  /// What the peer sent: read by the next shake() or decrypt(), and there until that returns.
  void input(const char* bytes, size_t count);
  /// Goes on with the handshake. Once it is done, decrypt() reads what came along with its end.
  progress shake();
  /// What was wrong with the peer's certificate, if that made shake() fail.
  std::string verify_problem() const;

  struct decrypted {
    char* bytes; ///< the caller's to change, until a session of this thread decrypts again
    size_t count;
    std::error_code over; ///< eof after the peer's close_notify, or what made it unreadable
  };
  /// All of the input, but for a record that has come in part only.
  decrypted decrypt();
  /// Adds to output(). @returns false if it cannot: failure() says why.
  bool encrypt(const char* bytes, size_t count);
  /// Adds a close_notify to output(). @returns false if there is no session to close.
  bool close();
  /// What is to be sent, to be cleared before another session of the thread is asked for anything.
  std::string& output() { return output_; }
  std::error_code failure() const { return failure_; }

private:
  friend struct tls_session_bio;
  bool failed(int result);

  struct ssl_deleter {
    void operator()(ssl_st*) const;
  };

  std::unique_ptr<ssl_st, ssl_deleter> ssl_;
  const char* input_ = nullptr;
  size_t input_bytes_ = 0;
  std::string& output_; // of the thread
  std::error_code failure_;
};

} // namespace switchboard::http
