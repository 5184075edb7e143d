switchboard_fuzzer(backup_manifest
  storage/backup_manifest.cpp
  storage/posix_file.cpp
  storage/recording_names.cpp
  storage/storage_error.cpp)
