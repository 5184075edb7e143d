#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace switchboard::audio {

struct wav_info {
  int sample_rate_hz = 0;
  int channels = 0;
  uint64_t frames = 0; // samples per channel

  uint64_t duration_ms() const {
    return sample_rate_hz > 0 ? frames * 1000 / static_cast<uint64_t>(sample_rate_hz) : 0;
  }
};

/// Samples that the 32-bit lengths of a plain RIFF WAV hold: 4 GiB less the header.
inline constexpr uint64_t plain_wav_bytes_max = UINT32_MAX - 4096;

/// True if a PCM16 file of that length is within `bytes_max` of samples.
bool fits_plain_wav(uint64_t frames, int channels, uint64_t bytes_max = plain_wav_bytes_max);

/// Writes a PCM16 WAV file frame by frame in bounded memory (libsndfile). Plain RIFF WAV with
/// format tag 1, which every reader knows, unless told that it may grow past 4 GiB: then RF64 (EBU
/// Tech 3306), turned back to RIFF (format tag extensible) on close if it stayed smaller. Blocks on
/// the disk: never on a line.
class wav_writer {
public:
  /// Creates or truncates `path`.
  /// @param frames_max most frames that will be written; 0: not more than fit a plain WAV.
  /// @param plain_bytes_max samples beyond which it is RF64. With less than 4 GiB it stays RF64: a
  ///        test then sees what only calls of 18 hours have.
  /// @returns nothing on failure, and says why in `error`.
  static std::optional<wav_writer> open(const std::string& path, int sample_rate_hz, int channels,
                                        std::string& error, uint64_t frames_max = 0,
                                        uint64_t plain_bytes_max = plain_wav_bytes_max);

  wav_writer(wav_writer&&) noexcept;
  wav_writer& operator=(wav_writer&&) noexcept;
  /// Closes the file; a failure then goes unseen, so call close().
  ~wav_writer();

  /// Appends `frames` frames of `channels` interleaved samples. @returns false if not all were
  /// written: the disk refused, or a plain WAV would grow past 4 GiB.
  bool write(const int16_t* interleaved, size_t frames);

  /// Writes the header's final lengths and closes. @returns false if this or an earlier write
  /// failed. Later calls give the same answer.
  bool close();

  uint64_t frames_written() const;
  const std::string& error() const; // empty if all went well

private:
  struct impl;
  explicit wav_writer(std::unique_ptr<impl> state);
  std::unique_ptr<impl> impl_;
};

/// Reads any file libsndfile knows as PCM16, piece by piece.
class wav_reader {
public:
  /// @returns nothing on failure, and says why in `error`.
  static std::optional<wav_reader> open(const std::string& path, std::string& error);

  wav_reader(wav_reader&&) noexcept;
  wav_reader& operator=(wav_reader&&) noexcept;
  ~wav_reader();

  const wav_info& info() const;

  /// Reads up to `frames` frames into `interleaved` (frames * channels samples of room).
  /// @returns frames read; 0 at the end.
  size_t read(int16_t* interleaved, size_t frames);

private:
  struct impl;
  explicit wav_reader(std::unique_ptr<impl> state);
  std::unique_ptr<impl> impl_;
};

struct wav_clip {
  wav_info info;
  std::vector<int16_t> samples; // interleaved
};

/// Reads a whole file into memory, for clips and tests; refuses more than an hour of 16 kHz frames.
std::optional<wav_clip> read_wav(const std::string& path, std::string& error);

} // namespace switchboard::audio
