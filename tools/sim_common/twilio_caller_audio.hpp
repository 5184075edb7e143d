#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

/// A recording as mu-law bytes at 8 kHz, shared by the calls that use it.
using audio_clip = std::shared_ptr<const std::string>;

/// What the caller says: clips placed on the call's timeline, silence (0xFF) everywhere else.
/// Pure; times are samples since the call's first stream started.
class caller_audio {
public:
  /// Places a clip; where clips overlap the one added last is heard.
  void say(int64_t at, audio_clip clip);

  /// The caller's audio from `at`, `count` bytes long.
  std::string frame(int64_t at, size_t count) const;

  /// Where the last clip ends; 0 when there is none.
  int64_t end() const;

private:
  struct placed {
    int64_t at;
    audio_clip clip;
  };
  std::vector<placed> clips_;
};

/// A mono mu-law timeline that fills up as stretches of audio arrive; silence between them.
/// Bounded to one hour; what lies beyond is dropped.
class heard_track {
public:
  void write(int64_t at, std::string_view ulaw);

  /// Lengthens the track with silence up to `until`.
  void extend(int64_t until);
  const std::string& bytes() const { return bytes_; }

private:
  std::string bytes_;
};

} // namespace sim
