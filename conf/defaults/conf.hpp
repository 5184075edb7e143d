#pragma once

#include <cstddef>
#include <cstdint>

namespace switchboard::defaults::conf {

constexpr size_t dotenv_bytes_max = 1024 * 1024;    // a real one has a few KiB
constexpr size_t secret_file_bytes_max = 64 * 1024; // longest secret we know: a JWT of 4 KiB
constexpr size_t value_shown_bytes_max = 64;        // a wrong value in a message; enough to find it
constexpr size_t secret_bytes_min = 16;             // shorter tokens and keys can be guessed

constexpr uint32_t calls_max = 100'000;            // far above what one machine carries
constexpr uint32_t api_rate_limit_max = 1'000'000; // more than one http thread answers
constexpr uint32_t connections_per_address_max = 100'000;
constexpr uint32_t lines_max = 256;                // threads; more than any machine's cores
constexpr uint32_t resume_window_s_max = 300;      // a carrier that is away longer hung up
constexpr uint32_t drain_timeout_s_max = 4 * 3600; // the carrier's own limit of a call
constexpr uint32_t journal_sync_ms_min = 100;      // a batch comes every 100 ms
constexpr uint32_t journal_sync_ms_max = 60'000;
constexpr uint32_t journal_retention_h_max = 24 * 366;
constexpr uint32_t disk_free_min_mb_max = 1024 * 1024; // a TiB
constexpr uint32_t retention_days_max = 36'500;

} // namespace switchboard::defaults::conf
