#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sim {

/// The identity of one media stream.
struct stream_identity {
  std::string stream_sid;
  std::string account_sid;
  std::string call_sid;
};

/// Messages of the carrier, as it writes them: counters are strings.
/// Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages.
std::string connected_message();
std::string start_message(uint64_t sequence, const stream_identity& id,
                          const std::map<std::string, std::string>& custom_parameters);
/// @param timestamp_ms Since the stream started. @param ulaw Raw mu-law bytes.
std::string media_message(uint64_t sequence, const stream_identity& id, uint64_t chunk,
                          int64_t timestamp_ms, std::string_view ulaw);
std::string mark_message(uint64_t sequence, const stream_identity& id, const std::string& name);
std::string dtmf_message(uint64_t sequence, const stream_identity& id, char digit);
std::string stop_message(uint64_t sequence, const stream_identity& id);

enum class server_message_kind { media, mark, clear, invalid };

/// A message of the server, read as strictly as the carrier does.
struct server_message {
  server_message_kind kind = server_message_kind::invalid;
  std::string payload; ///< media: mu-law bytes
  std::string name;    ///< mark
  int error_code = 0;  ///< invalid: 31950 (undecodable) or 31951 (not a valid message)
  std::string error;
};

/// Never throws. A missing or surplus field, another stream's sid, an unknown event, bad JSON or
/// bad base64 make the message invalid.
server_message parse_server_message(std::string_view text, const std::string& stream_sid);

} // namespace sim
