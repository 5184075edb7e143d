#pragma once

#include "audio/wav.hpp"
#include "storage/records.hpp"
#include "storage/storage_error.hpp"

#include <string>

namespace switchboard::storage {

struct seal_request {
  std::string journal_path;
  std::string storage_path; ///< root that file_path of the row is relative to
  std::string wav_path;     ///< relative to storage_path
  std::string call_id;
  bool stereo = true; ///< caller left, assistant right; else mixed
  /// Samples beyond which the WAV is RF64 (64-bit lengths), bytes. Only a test has a smaller one.
  uint64_t plain_wav_bytes_max = audio::plain_wav_bytes_max;
};

/// Replays a journal's facts through the playback ledger and writes the call's WAV: PCM16, 16 kHz.
/// Caller audio lies at its media time; assistant audio where it was really played, and ends where
/// it was cut. Bounded memory whatever the length. The WAV appears under its name only when whole
/// (written to a temporary name, synced, renamed). Blocking: for a detached actor or a command.
/// @returns the row to store (id empty), or why not: not_found, corrupt (nothing readable), io,
/// full.
result<recording_row> seal_recording(const seal_request&);

} // namespace switchboard::storage
