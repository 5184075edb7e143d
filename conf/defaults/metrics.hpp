#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// Buckets of the histograms that /metrics shows: upper bounds, each in the unit of its name. They
/// lie where a decision does: 20 ms is one frame, 300 ms goes unnoticed in talk, 1.5 s does not.
namespace switchboard::defaults::metrics {

constexpr size_t buckets_max = 16; // of one histogram, without the last, open one

constexpr std::array<uint64_t, 12> media_delay_us = {
    100, 500, 1'000, 2'000, 5'000, 10'000, 20'000, 40'000, 100'000, 250'000, 500'000, 1'000'000};
constexpr std::array<uint64_t, 10> turn_latency_ms = {100,   200,   300,   500,   800,
                                                      1'000, 1'500, 2'500, 5'000, 10'000};
constexpr std::array<uint64_t, 10> journal_lag_ms = {1,   5,   20,    50,    100,
                                                     200, 500, 1'000, 5'000, 30'000};
constexpr std::array<uint64_t, 8> commit_us = {200,    500,    1'000,   5'000,
                                               20'000, 50'000, 200'000, 1'000'000};
constexpr std::array<uint64_t, 8> batch_writes = {1, 2, 5, 10, 25, 50, 100, 256};
constexpr std::array<uint64_t, 10> request_us = {500,    1'000,   2'000,   5'000,     10'000,
                                                 50'000, 100'000, 500'000, 1'000'000, 5'000'000};

/// The earliest frame of this long decides what counts as "in time": long enough to hold a frame
/// that met no queue, short enough that the drift of two clocks (50 ppm) stays below a millisecond.
constexpr uint64_t arrival_window_us = 10'000'000;

} // namespace switchboard::defaults::metrics
