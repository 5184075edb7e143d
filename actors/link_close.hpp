#pragma once

#include <cstdint>
#include <string>

namespace switchboard::actors {

/// Why a media or model socket ended, as the leg needs to know it.
enum class link_end : uint8_t {
  closed_by_us,    ///< close() was called and is complete
  closed_by_peer,  ///< close frame received; `close_code` says which
  lost,            ///< the TCP connection ended without a close frame
  connect_failed,  ///< DNS, refused, unreachable
  tls_failed,      ///< certificate, host name or handshake
  upgrade_refused, ///< HTTP answer other than 101; `http_status` says which
  timed_out,       ///< one of the deadlines passed; `detail` names it
  overflow,        ///< the peer reads too slowly: write queue over its bound
  protocol_error,  ///< the peer broke RFC 6455 or sent an over-long message
};

const char* to_string(link_end);

struct link_close {
  link_end end = link_end::lost;
  uint16_t close_code = 0; ///< RFC 6455 status code, 0 if none was received
  int http_status = 0;     ///< of a refused upgrade, else 0
  std::string detail;      ///< for the log: close reason or system error, no secrets
};

} // namespace switchboard::actors
