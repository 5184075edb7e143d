#pragma once

#include "actors/link_close.hpp"
#include "actors/model_link.hpp"

#include <cstdint>

namespace switchboard::actors {

/// What an error of the model means for the session.
enum class model_failure : uint8_t {
  ignore,  ///< benign race: nothing to do
  report,  ///< worth a log line, the session goes on
  lost,    ///< the session is over; a new one may work
  fatal,   ///< the session is over and every other one would be, too
};

/// Judges an `error` event, or the error inside a failed response.
model_failure judge_error(const std::string& type, const std::string& code,
                          const std::string& param);

/// Judges the end of the socket: close codes and HTTP statuses as the vendor's own SDK retries them.
model_failure judge_close(const link_close& why);

} // namespace switchboard::actors
