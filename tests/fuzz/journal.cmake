switchboard_fuzzer(journal storage/journal_codec.cpp storage/crc32c.cpp)
