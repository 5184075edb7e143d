#pragma once

#include "tools/twilio_sim/media_stream.hpp"

#include <functional>
#include <memory>

namespace sim {

/// The listener of a stream that is opened besides the call's own: sends silence, warns of nothing,
/// and tells how it went.
/// @param now The call's timeline, in samples.
std::shared_ptr<stream_listener> make_extra_stream(std::function<int64_t()> now,
                                                   std::function<void(const stream_record&)> ended);

} // namespace sim
