#pragma once

#include <caf/error.hpp>

#include <cstdint>
#include <string>

namespace switchboard::actors {

/// What an actor of Switchboard can answer instead of a result.
enum class actor_error : uint8_t {
  none,
  busy,         ///< a bound is reached: queue, calls, jobs
  full,         ///< no more calls are admitted
  draining,     ///< the node is going down
  not_found,    ///< no such call
  not_active,   ///< the call is over
  still_active, ///< the call goes on
  bad_ticket,   ///< unknown, used or foreign ticket
  database,     ///< the database failed; context has the storage error's name
  timed_out,    ///< a deadline passed
  disk,         ///< a journal or recording failed; context has the storage error's name
  model_lost,   ///< the model session ended; worth another try
  model_fatal,  ///< the model refuses us (key, model, quota): no use trying again
};

std::string to_string(actor_error);
caf::error make_error(actor_error);
caf::error make_error(actor_error, std::string context);

} // namespace switchboard::actors
