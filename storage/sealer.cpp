#include "storage/sealer.hpp"

#include "audio/g711.hpp"
#include "audio/resampler.hpp"
#include "audio/wav.hpp"
#include "conf/defaults/storage.hpp"
#include "storage/file_copy.hpp"
#include "storage/posix_file.hpp"
#include "storage/seal_tracks.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>

namespace switchboard::storage {
namespace {

namespace limits = defaults::storage;

constexpr int wav_rate_hz = 16000;
constexpr uint64_t bytes_per_ms = audio::ulaw_bytes_per_ms;

// -- what the journal says of the whole call
// --------------------------------------------------------

struct outline {
  uint64_t length_ms = 0;
  bool ended = false; ///< call_ended is there
  uint64_t cut_bytes = 0;
  int64_t takeovers = 0; ///< processes that died while the call went on
};

result<outline> read_outline(const std::string& path) {
  auto reader = journal_reader::open(path);
  if (!reader) {
    return {reader.code(), reader.detail()};
  }
  auto& journal = **reader;
  outline out;
  bool started = false;
  while (true) {
    auto x = journal.next();
    if (!x) {
      return {x.code(), x.detail()};
    }
    if (!*x) {
      break;
    }
    const auto& f = **x;
    if (f.at_ms > limits::recording_ms_max) {
      continue;
    }
    out.ended = f.type == fact_type::call_ended;
    out.takeovers += f.type == fact_type::call_started && started ? 1 : 0;
    started |= f.type == fact_type::call_started;
    const bool caller = f.type == fact_type::caller_audio;
    const auto end_ms = f.at_ms + (caller ? f.bytes.size / bytes_per_ms : 0);
    // The call's end is its length even if audio claims to lie behind it.
    out.length_ms = out.ended ? f.at_ms : std::max(out.length_ms, end_ms);
  }
  const auto& report = journal.report();
  out.cut_bytes = journal.file_bytes() - std::min(report.good_bytes, journal.file_bytes());
  if (report.end == read_end::newer_version) {
    return {storage_error::newer_schema, path + " was made by a newer version"};
  }
  if (report.facts == 0) {
    return {storage_error::corrupt, path + " holds no readable fact"};
  }
  return out;
}

// -- PCMU tracks to one WAV
// -------------------------------------------------------------------------

/// Decodes and resamples one track as a continuous stream.
class decoder {
public:
  static std::optional<decoder> create() {
    auto up = audio::resampler::create(audio::g711_rate_hz, wav_rate_hz);
    return up ? std::optional<decoder>(decoder(std::move(*up))) : std::nullopt;
  }
  void process(audio::byte_view pcmu) {
    pcm_.resize(pcmu.size);
    audio::ulaw_decode(pcmu, pcm_.data());
    up_.process(pcm_.data(), pcm_.size(), out);
  }
  void flush() { up_.flush(out); }

  std::vector<int16_t> out; ///< 16 kHz, taken from its front by the writer

private:
  explicit decoder(audio::resampler up) : up_(std::move(up)) {}
  audio::resampler up_;
  std::vector<int16_t> pcm_;
};

/// The sum of two speakers without clipping: unchanged up to three quarters of full scale, then
/// bent so that twice full scale just fits.
int16_t mix(int16_t a, int16_t b) {
  constexpr int knee = 24576;
  constexpr int room = INT16_MAX - knee;
  constexpr int excess_max = 2 * 32768 - knee;
  const int sum = a + b;
  const int size = sum < 0 ? -sum : sum;
  if (size <= knee) {
    return static_cast<int16_t>(sum);
  }
  const int bent = knee + (size - knee) * room / excess_max;
  return static_cast<int16_t>(sum < 0 ? -bent : bent);
}

/// Writes what both sides have ready.
bool write_ready(audio::wav_writer& wav, decoder& caller, decoder& assistant, bool stereo) {
  const auto frames = std::min(caller.out.size(), assistant.out.size());
  std::vector<int16_t> samples;
  samples.reserve(frames * (stereo ? 2 : 1));
  for (size_t i = 0; i < frames; ++i) {
    if (stereo) {
      samples.push_back(caller.out[i]);
      samples.push_back(assistant.out[i]);
    } else {
      samples.push_back(mix(caller.out[i], assistant.out[i]));
    }
  }
  const auto used = static_cast<ptrdiff_t>(frames);
  caller.out.erase(caller.out.begin(), caller.out.begin() + used);
  assistant.out.erase(assistant.out.begin(), assistant.out.begin() + used);
  errno = 0;
  return wav.write(samples.data(), frames);
}

/// libsndfile says only that it failed; errno (cleared before) says why.
result<nothing> write_failed(const audio::wav_writer& wav) {
  const auto code = errno != 0 ? posix::from_errno(errno) : storage_error::io;
  return {code, "write the recording: " + wav.error()};
}

result<nothing> write_tracks(audio::wav_writer& wav, track& caller, track& assistant,
                             uint64_t length_ms, bool stereo) {
  auto left = decoder::create();
  auto right = decoder::create();
  if (!left || !right) {
    return {storage_error::io, "no resampler"};
  }
  for (uint64_t bytes = length_ms * bytes_per_ms; bytes > 0;) {
    auto from_caller = caller.next_block();
    auto from_assistant = assistant.next_block();
    for (auto* block : {&from_caller, &from_assistant}) {
      if (!*block) {
        return {block->code(), block->detail()};
      }
    }
    const auto size = std::min<uint64_t>(bytes, from_caller->size);
    left->process(from_caller->subview(0, size));
    right->process(from_assistant->subview(0, size));
    bytes -= size;
    if (!write_ready(wav, *left, *right, stereo)) {
      return write_failed(wav);
    }
  }
  left->flush();
  right->flush();
  if (!write_ready(wav, *left, *right, stereo)) {
    return write_failed(wav);
  }
  return nothing{};
}

result<nothing> write_wav(const seal_request& request, const outline& call,
                          const std::string& path) {
  auto for_caller = journal_reader::open(request.journal_path);
  auto for_assistant = journal_reader::open(request.journal_path);
  if (!for_caller || !for_assistant) {
    return {storage_error::io, for_caller.detail() + for_assistant.detail()};
  }
  caller_source caller(std::move(**for_caller));
  assistant_source assistant(std::move(**for_assistant), call.length_ms);
  track left(caller);
  track right(assistant);

  std::string why;
  errno = 0;
  auto wav =
      audio::wav_writer::open(path, wav_rate_hz, request.stereo ? 2 : 1, why,
                              call.length_ms * wav_rate_hz / 1000, request.plain_wav_bytes_max);
  if (!wav) {
    return {errno != 0 ? posix::from_errno(errno) : storage_error::io, path + ": " + why};
  }
  if (auto ok = write_tracks(*wav, left, right, call.length_ms, request.stereo); !ok) {
    return ok;
  }
  return wav->close() ? result<nothing>(nothing{}) : write_failed(*wav);
}

// -- the finished file
// ------------------------------------------------------------------------------

/// Writes the WAV under `temporary`, then gives it its name.
result<file_digest> produce(const seal_request& request, const outline& call,
                            const std::string& path, const std::string& temporary) {
  {
    // Made here for its mode; libsndfile truncates and fills it.
    auto created = posix::open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    if (!created) {
      return {created.code(), created.detail()};
    }
  }
  if (auto ok = write_wav(request, call, temporary); !ok) {
    return {ok.code(), ok.detail()};
  }
  if (auto ok = sync_file(temporary); !ok) {
    return {ok.code(), ok.detail()};
  }
  auto finished = digest_file(temporary);
  if (!finished) {
    return finished;
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    const int why = errno;
    return {posix::from_errno(why), posix::describe("rename to", path, why)};
  }
  if (auto ok = posix::sync_directory_of(path); !ok) {
    return {ok.code(), ok.detail()};
  }
  return finished;
}

/// A relative path that stays below its root.
bool confined(const std::string& path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string::npos) {
    return false;
  }
  return ("/" + path + "/").find("/../") == std::string::npos;
}

} // namespace

result<recording_row> seal_recording(const seal_request& request) {
  if (!confined(request.wav_path) || request.storage_path.empty()) {
    return {storage_error::bad_argument, "the recording's path must lie below the storage path"};
  }
  const auto call = read_outline(request.journal_path);
  if (!call) {
    return {call.code(), call.detail()};
  }
  const auto path = request.storage_path + "/" + request.wav_path;
  if (auto made = posix::make_directories(posix::parent_of(path)); !made) {
    return {made.code(), made.detail()};
  }
  const auto temporary = path + ".part";
  const auto file = produce(request, *call, path, temporary);
  if (!file) {
    ::unlink(temporary.c_str());
    return {file.code(), file.detail()};
  }
  recording_row row;
  row.call_id = request.call_id;
  row.file_path = request.wav_path;
  row.sample_rate_hz = wav_rate_hz;
  row.channels = request.stereo ? 2 : 1;
  row.duration_s = static_cast<double>(call->length_ms) / 1000;
  row.size_bytes = file->size_bytes;
  row.sha256_hex = file->sha256_hex;
  row.missing_ms_max = (call->takeovers + (call->ended ? 0 : 1)) * limits::unflushed_ms_max +
                       static_cast<int64_t>(call->cut_bytes / bytes_per_ms);
  return row;
}

} // namespace switchboard::storage
