#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace switchboard::audio {

/// Streaming sample rate conversion of mono PCM16 (speexdsp). What comes out does not depend on how
/// the input was cut into chunks, is aligned with the input (the filter's delay is taken out), and
/// is after flush() exactly round(samples in * to / from) long. Owned by one actor; not
/// thread-safe.
class resampler {
public:
  /// @returns nothing if a rate is outside 4-192 kHz or memory is short.
  static std::optional<resampler> create(int from_hz, int to_hz);

  resampler(resampler&&) noexcept;
  resampler& operator=(resampler&&) noexcept;
  ~resampler();

  /// Converts `count` samples and appends what is ready to `out`; some ms stay in the filter.
  void process(const int16_t* in, size_t count, std::vector<int16_t>& out);

  /// Ends the signal: appends what the filter still holds. The next process() starts a new signal.
  void flush(std::vector<int16_t>& out);

private:
  struct impl;
  explicit resampler(std::unique_ptr<impl> state);
  std::unique_ptr<impl> impl_;
};

} // namespace switchboard::audio
