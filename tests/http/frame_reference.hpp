#pragma once

// Our frame_reader and websocketpp's processor on the same bytes: they must find the same messages
// and end the same way. For the unit suite and the fuzzer.

#include "http/frame_reader.hpp"
#include "http/websocket_framing.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchboard::http::testing {

struct frames_read {
  std::vector<std::pair<int, std::string>> messages; ///< opcode and payload
  uint16_t close_code = 0;                           ///< why reading stopped; 0: it did not

  bool operator==(const frames_read& other) const {
    return messages == other.messages && close_code == other.close_code;
  }
};

/// Calls `take(piece, size)` with the bytes in pieces, whose lengths are taken from `cuts` in turn
/// (0 and none: all that is left), until it returns false.
template <class Take>
void in_pieces(std::string bytes, const std::vector<size_t>& cuts, Take take) {
  size_t at = 0;
  for (size_t i = 0; at < bytes.size(); ++i) {
    const size_t cut = cuts.empty() ? 0 : cuts[i % cuts.size()];
    const size_t n = cut == 0 ? bytes.size() - at : std::min(cut, bytes.size() - at);
    if (!take(bytes.data() + at, n))
      return;
    at += n;
  }
}

inline frames_read read_by_us(bool server, size_t bound, const std::string& bytes,
                              const std::vector<size_t>& cuts) {
  frames_read out;
  frame_reader reader(server, bound);
  in_pieces(bytes, cuts, [&](char* piece, size_t size) {
    for (size_t used = 0; used < size;) {
      used += reader.read(piece + used, size - used);
      if (reader.problem() != frame_problem::none) {
        out.close_code = close_code_of(reader.problem());
        return false;
      }
      if (reader.ready())
        out.messages.emplace_back(static_cast<int>(reader.opcode()), reader.payload());
    }
    reader.shrink();
    return true;
  });
  return out;
}

inline uint16_t close_code_of(const websocketpp::lib::error_code& error) {
  namespace wrong = websocketpp::processor::error;
  if (error.category() != wrong::get_processor_category())
    return 1002;
  switch (error.value()) {
  case wrong::invalid_payload:
  case wrong::invalid_utf8:
    return 1007;
  case wrong::message_too_big:
    return 1009;
  default:
    return 1002;
  }
}

inline frames_read read_by_websocketpp(bool server, size_t bound, const std::string& bytes,
                                       const std::vector<size_t>& cuts) {
  frames_read out;
  framing::processor processor(server);
  processor.set_max_message_size(bound);
  in_pieces(bytes, cuts, [&](char* piece, size_t size) {
    for (size_t used = 0; used < size;) {
      websocketpp::lib::error_code error;
      used += processor.consume(reinterpret_cast<uint8_t*>(piece) + used, size - used, error);
      if (!error && processor.over_long())
        error = make_error_code(websocketpp::processor::error::message_too_big);
      if (error) {
        out.close_code = close_code_of(error);
        return false;
      }
      if (!processor.ready())
        continue;
      const auto message = processor.get_message();
      out.messages.emplace_back(static_cast<int>(message->get_opcode()), message->get_payload());
    }
    return true;
  });
  return out;
}

/// Whether both found the same, but for two defects of websocketpp 0.8.2 that we do not share:
///   - of a text in fragments it does not see that it ends inside a character (it asks the last
///     frame, a continuation, whether it is text);
///   - a continuation's claim near 2^64 wraps around, and is seen only after the bytes behind it.
inline bool agree(const frames_read& ours, const frames_read& theirs) {
  if (ours == theirs)
    return true;
  const size_t n = ours.messages.size();
  if (theirs.messages.size() < n ||
      !std::equal(ours.messages.begin(), ours.messages.end(), theirs.messages.begin()))
    return false;
  if (ours.close_code == 1009)
    return theirs.close_code == 1007 && theirs.messages.size() == n;
  return ours.close_code == 1007 && theirs.messages.size() > n &&
         theirs.messages[n].first == static_cast<int>(frame_opcode::text) &&
         !is_utf8(theirs.messages[n].second);
}

} // namespace switchboard::http::testing
