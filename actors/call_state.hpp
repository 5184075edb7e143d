#pragma once

#include <cstdint>

namespace switchboard::actors {

/// The life of a call that has a stream. (Before it, the registry alone knows the call: ringing.)
enum class call_state : uint8_t {
  connecting, ///< the stream runs, the model session is not ready yet
  live,       ///< both sides are there
  recovering, ///< the stream was lost without a stop: the carrier may bring the call back
  ending,     ///< the end is being written
  ended,      ///< everything is written; only sockets may still be closing
};

enum class call_event : uint8_t {
  model_ready,     ///< a session is configured
  model_lost,      ///< the session ended; the supervisor brings a new one
  model_given_up,  ///< there will be no other session
  carrier_stopped, ///< the carrier ended the stream: the caller hung up
  carrier_lost,    ///< the socket is gone without a stop
  carrier_back,    ///< a new stream of the same call
  resume_expired,  ///< the carrier did not come back in time
  hang_up,         ///< somebody on our side ends the call, or the carrier reports its end
  end_written,     ///< row and turns are stored
};

/// What the owner has to do after a transition.
enum class call_effect : uint8_t {
  none,
  await_carrier, ///< start the resume window
  end_completed, ///< end the call; its row becomes `completed`
  end_failed,    ///< end the call; its row becomes `failed`
  wind_up,       ///< nothing is left to write: stop the children
};

struct call_step {
  call_state next;
  call_effect effect;
};

/// The transition function: total, pure; exactly one end per call whatever the order of events.
/// @param model_ready whether a configured session exists (decides where a resumed call goes).
call_step advance(call_state now, call_event what, bool model_ready);

const char* to_string(call_state);

} // namespace switchboard::actors
