#pragma once

#include "audio/bytes.hpp"
#include "audio/resampler.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace switchboard::actors {

/// Between the carrier's PCMU and the format of the model session: nothing to do for `pcmu`; for
/// `pcm16` 8 kHz PCMU <-> 24 kHz PCM16 little endian, streaming in both directions. One per
/// session; belongs to the line.
class model_audio_codec {
public:
  explicit model_audio_codec(bool pcmu);

  /// The returned view is valid until the next call of the same direction.
  audio::byte_view to_model(audio::byte_view pcmu);
  audio::byte_view from_model(audio::byte_view bytes);
  /// The end of an item: what the filter still holds of it; the next item starts anew.
  audio::byte_view end_of_item();

private:
  audio::byte_view encode_resampled();

  bool pcmu_;
  std::optional<audio::resampler> up_, down_;
  std::vector<int16_t> samples_, resampled_;
  audio::byte_buffer to_model_, from_model_;
  std::optional<uint8_t> odd_byte_; // first half of a sample that a delta was split in
};

} // namespace switchboard::actors
