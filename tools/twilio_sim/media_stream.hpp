#pragma once

#include "tools/sim_common/twilio_messages.hpp"
#include "tools/twilio_sim/options.hpp"
#include "tools/twilio_sim/report.hpp"
#include "tools/twilio_sim/webhooks.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace sim {

/// What a media stream asks of its call and tells it. Samples count on the call's timeline.
class stream_listener {
public:
  virtual ~stream_listener() = default;

  /// The stream was accepted. @returns where on the call's timeline it begins, in samples.
  virtual int64_t stream_opened() = 0;
  /// @returns `count` bytes of the caller's audio.
  virtual std::string caller_frame(int64_t at, size_t count) = 0;
  virtual void audio_played(int64_t at, std::string_view ulaw) = 0;
  /// Every 20 ms. @param buffered Audio is queued and still to be heard.
  virtual void stream_tick(int64_t at, bool buffered) = 0;
  virtual void stream_warning(int code, const std::string& text) = 0;
  /// The stream is over; called exactly once, the last call of all.
  virtual void stream_ended(const stream_record& record) = 0;
};

/// What one stream is made of.
struct stream_setup {
  std::string url;
  route to;
  std::string signature;
  stream_identity id;
  std::map<std::string, std::string> parameters;
  int64_t first_timestamp_ms = 0;
  bool faulty = true;    ///< the faults apply
  bool says_stop = true; ///< before it closes
};

/// One media stream: connects, sends the caller's frames at real time on an absolute schedule,
/// plays what it receives with the carrier's buffer semantics, checks every message.
/// Lives on the io_context's thread; `stream_ended` ends it.
class media_stream {
public:
  virtual ~media_stream() = default;

  virtual void open() = 0;
  virtual void press(char digit) = 0;
  /// Sends `stop`, and no audio after it; the socket stays open.
  virtual void say_stop() = 0;
  /// Sends `stop`, if that was not said yet, and closes. The end is told by `stream_ended`.
  virtual void hang_up() = 0;
};

/// @param listener Must outlive the stream; held alive by it until `stream_ended`.
std::shared_ptr<media_stream> make_media_stream(boost::asio::io_context& io,
                                                const fault_options& faults, stream_setup setup,
                                                std::shared_ptr<stream_listener> listener);

} // namespace sim
