#pragma once

#include <cstddef>
#include <cstdint>

/// Numbers of the audio library: each with its unit and its reason.
namespace switchboard::defaults::audio {

constexpr int resampler_quality =
    4;                            // speexdsp scale 0-10: tones stay above 40 dB SNR, ~3 us a frame
constexpr int rate_hz_min = 4000; // nothing on a telephone line is sampled slower
constexpr int rate_hz_max = 192000; // nothing that libsndfile reads for us is sampled faster
constexpr size_t resampler_block_frames = 1024; // one call of speexdsp; bounds the scratch space

constexpr uint64_t wav_clip_frames_max = 16000ull * 3600; // read_wav() holds a file in memory: 1 h

constexpr uint64_t mark_interval_ms = 200; // resolution of "heard" while echoes come on time
constexpr size_t marks_pending_max = 4096; // 13 min of queued audio; past it the oldest is dropped
constexpr size_t pieces_max = 8192;        // sends not yet known to be played, same order
/// Finished items beyond so many are forgotten: audio that comes late for one that was cut comes
/// seconds later. Each costs some 400 bytes a call.
constexpr size_t items_remembered_max = 64;
constexpr size_t item_id_bytes_max = 256; // longer ids are cut: they come from the network

/// An echo this much later than predicted is network delay, not a later playout: shifting the
/// recording for every jittery echo would tear holes into words.
constexpr uint64_t echo_tolerance_ms = 100;
/// How long an echoed piece waits for later echoes, which may show that its own was only delayed.
constexpr uint64_t placement_hold_ms = 500;
constexpr size_t placements_held_max =
    1024; // echoed pieces waiting as above; past it the oldest is placed
constexpr size_t placements_max =
    16384; // not yet taken; past it the oldest two are joined or dropped

constexpr uint64_t frame_jitter_ms = 20; // a timestamp off by less than a frame is rounding
constexpr uint64_t timestamp_jump_max_ms = 600'000; // a jump of over 10 min is a broken timestamp
constexpr uint64_t frame_late_max_ms = 10'000; // further back than this the stream was restarted
constexpr size_t map_segments_max = 1024;      // gaps in one model session of at most an hour

/// Silence appended to the model's input for one gap: longer than any end-of-turn silence; the rest
/// would only cost tokens.
constexpr uint64_t gap_silence_max_ms = 10'000;
/// No frame for this long while the caller speaks is a stall, and is answered with this much
/// silence: the padding that Twilio bridges use in practice, more than the longest end-of-turn
/// silence (500 ms).
constexpr uint64_t stall_after_ms = 750;
constexpr uint64_t stall_padding_ms = 1'000;

/// What fills a gap: two notes (C5, E5) and a rest, at about -20 dBFS: heard, and softer than
/// speech.
constexpr size_t hold_tone_ms = 2'000;
constexpr size_t hold_note_ms = 300;
constexpr double hold_first_note_hz = 523.25;
constexpr double hold_second_note_hz = 659.25;
constexpr int hold_note_peak = 3'000;

constexpr float level_floor_dbfs =
    -96.0F; // what digital silence is reported as: one step of 16 bits
constexpr float voiced_rms_dbfs = -40.0F; // speech on a telephone line lies at -30 to -10

} // namespace switchboard::defaults::audio
