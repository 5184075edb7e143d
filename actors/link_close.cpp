#include "actors/link_close.hpp"

namespace switchboard::actors {

const char* to_string(link_end end) {
  switch (end) {
  case link_end::closed_by_us:
    return "closed_by_us";
  case link_end::closed_by_peer:
    return "closed_by_peer";
  case link_end::lost:
    return "lost";
  case link_end::connect_failed:
    return "connect_failed";
  case link_end::tls_failed:
    return "tls_failed";
  case link_end::upgrade_refused:
    return "upgrade_refused";
  case link_end::timed_out:
    return "timed_out";
  case link_end::overflow:
    return "overflow";
  case link_end::protocol_error:
    return "protocol_error";
  }
  return "unknown";
}

} // namespace switchboard::actors
