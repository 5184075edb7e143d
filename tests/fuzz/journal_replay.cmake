switchboard_fuzzer(journal_replay
  storage/sealer.cpp storage/seal_tracks.cpp storage/file_copy.cpp storage/call_past.cpp
  storage/recording_names.cpp storage/journal_reader.cpp storage/journal_codec.cpp storage/crc32c.cpp
  storage/posix_file.cpp storage/storage_error.cpp
  audio/wav.cpp audio/resampler.cpp audio/g711.cpp audio/playback_ledger.cpp audio/playback_layout.cpp)
