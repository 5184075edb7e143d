#include "actors/actor_error.hpp"

#include "actors/link_close.hpp"

#include <caf/atom.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>

namespace switchboard::actors {

std::string to_string(actor_error code) {
  switch (code) {
  case actor_error::none:
    return "none";
  case actor_error::busy:
    return "busy";
  case actor_error::full:
    return "full";
  case actor_error::draining:
    return "draining";
  case actor_error::not_found:
    return "not_found";
  case actor_error::not_active:
    return "not_active";
  case actor_error::still_active:
    return "still_active";
  case actor_error::bad_ticket:
    return "bad_ticket";
  case actor_error::database:
    return "database";
  case actor_error::timed_out:
    return "timed_out";
  case actor_error::disk:
    return "disk";
  case actor_error::model_lost:
    return "model_lost";
  case actor_error::model_fatal:
    return "model_fatal";
  }
  return "unknown";
}

caf::error make_error(actor_error code) {
  return {static_cast<uint8_t>(code), caf::atom("sb")};
}

caf::error make_error(actor_error code, std::string context) {
  return {static_cast<uint8_t>(code), caf::atom("sb"), caf::make_message(std::move(context))};
}

} // namespace switchboard::actors
