#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Numbers of what is measured of a call.
namespace switchboard::defaults::analysis {

/// How often a running call's figures are stored: often enough for a wallboard; 1,000 calls write
/// 17 rows a second.
constexpr uint64_t snapshot_interval_ms = 60'000;
/// Snapshots of one call besides the last; past four hours a call is the reaper's business.
constexpr uint64_t snapshots_max = 240;
/// The last figures of a call that could not be stored are tried again after 0.5, 1, 2, 4, ... s,
/// at most store_pause_max apart, and so many times: nine minutes, in which a disk can be emptied.
/// What waits is an actor of some 3 KiB for each call that ended meanwhile.
constexpr unsigned store_tries = 24;
constexpr std::chrono::milliseconds store_pause{500};
constexpr std::chrono::milliseconds store_pause_max{30'000};
/// A node that is to end tries each store_pause, and no more than so many times: five seconds.
constexpr unsigned store_tries_at_end = 10;
/// Of a stream's custom parameters, names and values: more is no data about a call.
constexpr size_t custom_data_bytes_max = 4'096;

// -- what the model is asked when a call is over
// ----------------------------------------------------------
/// How long the session is kept open for the answer: models write 80 words in two or three seconds.
constexpr std::chrono::milliseconds review_deadline{10'000};
/// How long the analyst waits for it: the leg gives up before, or is dead.
constexpr std::chrono::milliseconds review_patience{12'000};
/// Tokens of the answer: 80 words are 110 to 300, by language, and the rest is names of members.
constexpr uint32_t review_tokens_max = 600;
/// Longest answer that is read, and longest summary kept: 600 tokens are at most 2,400 characters,
/// and a few scripts need three bytes for each.
constexpr size_t review_bytes_max = 8'192;
constexpr size_t summary_bytes_max = 4'096;

/// Twilio's frame.
constexpr uint64_t frame_ms = 20;
/// Less audio than this says nothing about the network.
constexpr uint64_t quality_known_after_ms = 5'000;
/// Shares of missing audio: below the first one hears nothing of it, above the second words are
/// lost.
constexpr double fair_missing = 0.005;
constexpr double poor_missing = 0.03;
/// Jitter that a phone's buffer of 30 to 60 ms takes up, and one that it does not.
constexpr uint64_t fair_jitter_ms = 30;
constexpr uint64_t poor_jitter_ms = 60;

} // namespace switchboard::defaults::analysis
