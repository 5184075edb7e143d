#pragma once

#include "audio/bytes.hpp"
#include "conf/defaults/audio.hpp"

#include <cstddef>
#include <cstdint>

/// How loud audio is. 0 dBFS is a full-scale square wave; a full-scale sine has -3.01 dBFS RMS.
namespace switchboard::audio {

struct level {
  float rms_dbfs = defaults::audio::level_floor_dbfs;
  float peak_dbfs = defaults::audio::level_floor_dbfs;
};

/// Silence and an empty view give the floor (-96 dBFS).
level measure_ulaw(byte_view codes);
level measure_pcm(const int16_t* samples, size_t count);

/// True if the frame is louder than the threshold. Energy alone: good for talk-time figures and
/// simulators, not for turn taking, which is the model's.
bool voiced(const level& frame, float threshold_dbfs = defaults::audio::voiced_rms_dbfs);
bool voiced_ulaw(byte_view codes, float threshold_dbfs = defaults::audio::voiced_rms_dbfs);

} // namespace switchboard::audio
