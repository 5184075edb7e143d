#pragma once

#include "actors/link_close.hpp"

#include <cstdint>
#include <string_view>

namespace switchboard::actors {

/// What an error of the model means for the session.
enum class model_failure : uint8_t {
  ignore, ///< benign race: nothing to do
  report, ///< worth a log line, the session goes on
  lost,   ///< the session is over; a new one may work
  fatal,  ///< the session is over and every other one would be, too
};

/// An `error` event, or the error inside a failed response.
struct model_error {
  std::string_view type, code, param, message;
};

model_failure judge_error(const model_error& error);

/// True if the response that failed with this error may succeed when it is asked for again.
bool passes_by_itself(const model_error& error);

/// Judges the end of the socket: close codes, close reasons (`<type>.<code>`) and HTTP statuses, as
/// the vendor's own SDK retries them; beyond it, 1000 is retried: a call in progress needs a
/// session.
model_failure judge_close(const link_close& why);

} // namespace switchboard::actors
