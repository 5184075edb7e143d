#include "actors/model_codec.hpp"

#include "audio/g711.hpp"

namespace switchboard::actors {

namespace {
constexpr int carrier_hz = 8000;
constexpr int model_hz = 24000; // the only PCM rate that the Realtime API takes
} // namespace

model_audio_codec::model_audio_codec(bool pcmu) : pcmu_(pcmu) {
  if (pcmu_)
    return;
  up_ = audio::resampler::create(carrier_hz, model_hz);
  down_ = audio::resampler::create(model_hz, carrier_hz);
}

audio::byte_view model_audio_codec::to_model(audio::byte_view pcmu) {
  if (pcmu_)
    return pcmu;
  to_model_.clear();
  if (!up_)
    return to_model_;
  samples_.resize(pcmu.size);
  audio::ulaw_decode(pcmu, samples_.data());
  resampled_.clear();
  up_->process(samples_.data(), samples_.size(), resampled_);
  for (int16_t sample : resampled_) {
    const auto bits = static_cast<uint16_t>(sample);
    to_model_.push_back(static_cast<uint8_t>(bits & 0xFF));
    to_model_.push_back(static_cast<uint8_t>(bits >> 8));
  }
  return to_model_;
}

audio::byte_view model_audio_codec::from_model(audio::byte_view bytes) {
  if (pcmu_)
    return bytes;
  samples_.clear();
  size_t next = 0;
  if (odd_byte_ && bytes.size > 0) {
    samples_.push_back(static_cast<int16_t>(*odd_byte_ | bytes[next++] << 8));
    odd_byte_.reset();
  }
  for (; next + 1 < bytes.size; next += 2)
    samples_.push_back(static_cast<int16_t>(bytes[next] | bytes[next + 1] << 8));
  if (next < bytes.size)
    odd_byte_ = bytes[next];
  resampled_.clear();
  if (down_)
    down_->process(samples_.data(), samples_.size(), resampled_);
  return encode_resampled();
}

audio::byte_view model_audio_codec::end_of_item() {
  resampled_.clear();
  odd_byte_.reset();
  if (down_)
    down_->flush(resampled_);
  return encode_resampled();
}

audio::byte_view model_audio_codec::encode_resampled() {
  from_model_.resize(resampled_.size());
  audio::ulaw_encode(resampled_.data(), resampled_.size(), from_model_.data());
  return from_model_;
}

} // namespace switchboard::actors
