#include "audio/wav.hpp"

#include "conf/defaults/audio.hpp"

#include <sndfile.h>

#include <algorithm>

namespace switchboard::audio {

namespace limits = defaults::audio;

namespace {

constexpr int channels_max = 2;

std::string reason(SNDFILE* file) {
  const char* text = sf_strerror(file);
  return text != nullptr ? text : "unknown libsndfile error";
}

} // namespace

bool fits_plain_wav(uint64_t frames, int channels, uint64_t bytes_max) {
  return channels > 0 && frames <= bytes_max / (sizeof(int16_t) * static_cast<uint64_t>(channels));
}

// -- writer ---------------------------------------------------------------------------------------

struct wav_writer::impl {
  SNDFILE* file = nullptr;
  int channels = 0;
  bool plain = true;
  uint64_t plain_bytes_max = plain_wav_bytes_max;
  uint64_t frames = 0;
  std::string error;

  ~impl() { close(); }

  bool close() {
    if (file != nullptr) {
      const int code = sf_close(file);
      file = nullptr;
      if (code != 0 && error.empty()) {
        error = sf_error_number(code);
      }
    }
    return error.empty();
  }
};

wav_writer::wav_writer(std::unique_ptr<impl> state) : impl_(std::move(state)) {}
wav_writer::wav_writer(wav_writer&&) noexcept = default;
wav_writer& wav_writer::operator=(wav_writer&&) noexcept = default;
wav_writer::~wav_writer() = default;

std::optional<wav_writer> wav_writer::open(const std::string& path, int sample_rate_hz,
                                           int channels, std::string& error, uint64_t frames_max,
                                           uint64_t plain_bytes_max) {
  error.clear();
  if (sample_rate_hz < limits::rate_hz_min || sample_rate_hz > limits::rate_hz_max ||
      channels < 1 || channels > channels_max) {
    error = "sample rate or channel count out of range";
    return std::nullopt;
  }
  SF_INFO info{};
  info.samplerate = sample_rate_hz;
  info.channels = channels;
  auto state = std::make_unique<impl>();
  state->channels = channels;
  state->plain = fits_plain_wav(frames_max, channels, plain_bytes_max);
  state->plain_bytes_max = plain_bytes_max;
  info.format = (state->plain ? SF_FORMAT_WAV : SF_FORMAT_RF64) | SF_FORMAT_PCM_16;
  state->file = sf_open(path.c_str(), SFM_WRITE, &info);
  if (state->file == nullptr) {
    error = reason(nullptr);
    return std::nullopt;
  }
  if (!state->plain &&
      plain_bytes_max ==
          plain_wav_bytes_max) { // before the first sample: the header keeps room for either form
    sf_command(state->file, SFC_RF64_AUTO_DOWNGRADE, nullptr, SF_TRUE);
  }
  return wav_writer{std::move(state)};
}

bool wav_writer::write(const int16_t* interleaved, size_t frames) {
  auto& w = *impl_;
  if (w.file == nullptr || !w.error.empty()) {
    return false;
  }
  if (w.plain &&
      (frames > UINT32_MAX || !fits_plain_wav(w.frames + frames, w.channels, w.plain_bytes_max))) {
    w.error = "a plain WAV file ends at 4 GiB";
    return false;
  }
  const auto wanted = static_cast<sf_count_t>(frames);
  const sf_count_t written = sf_writef_short(w.file, interleaved, wanted);
  w.frames += static_cast<uint64_t>(std::max<sf_count_t>(written, 0));
  if (written != wanted) {
    w.error = reason(w.file);
    return false;
  }
  return true;
}

bool wav_writer::close() {
  return impl_->close();
}

uint64_t wav_writer::frames_written() const {
  return impl_->frames;
}

const std::string& wav_writer::error() const {
  return impl_->error;
}

// -- reader ---------------------------------------------------------------------------------------

struct wav_reader::impl {
  SNDFILE* file = nullptr;
  wav_info info;

  ~impl() {
    if (file != nullptr) {
      sf_close(file);
    }
  }
};

wav_reader::wav_reader(std::unique_ptr<impl> state) : impl_(std::move(state)) {}
wav_reader::wav_reader(wav_reader&&) noexcept = default;
wav_reader& wav_reader::operator=(wav_reader&&) noexcept = default;
wav_reader::~wav_reader() = default;

std::optional<wav_reader> wav_reader::open(const std::string& path, std::string& error) {
  error.clear();
  SF_INFO info{};
  auto state = std::make_unique<impl>();
  state->file = sf_open(path.c_str(), SFM_READ, &info);
  if (state->file == nullptr) {
    error = reason(nullptr);
    return std::nullopt;
  }
  if (info.samplerate <= 0 || info.channels <= 0 || info.frames < 0) {
    error = "implausible header";
    return std::nullopt;
  }
  // Without this a file of floats, whose full scale is 1.0, would read as silence.
  sf_command(state->file, SFC_SET_SCALE_FLOAT_INT_READ, nullptr, SF_TRUE);
  state->info = {info.samplerate, info.channels, static_cast<uint64_t>(info.frames)};
  return wav_reader{std::move(state)};
}

const wav_info& wav_reader::info() const {
  return impl_->info;
}

size_t wav_reader::read(int16_t* interleaved, size_t frames) {
  const auto count = sf_readf_short(impl_->file, interleaved, static_cast<sf_count_t>(frames));
  return static_cast<size_t>(std::max<sf_count_t>(count, 0));
}

std::optional<wav_clip> read_wav(const std::string& path, std::string& error) {
  auto reader = wav_reader::open(path, error);
  if (!reader) {
    return std::nullopt;
  }
  const auto& info = reader->info();
  const auto channels = static_cast<size_t>(info.channels);
  if (info.frames > limits::wav_clip_frames_max / channels) {
    error = "file too long to hold in memory";
    return std::nullopt;
  }
  wav_clip clip;
  clip.samples.resize(info.frames * channels);
  const size_t frames = reader->read(clip.samples.data(), info.frames);
  clip.samples.resize(frames * channels);
  clip.info = info;
  clip.info.frames = frames;
  return clip;
}

} // namespace switchboard::audio
