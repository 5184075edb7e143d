#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Numbers of the call tree.
namespace switchboard::defaults::call {

using std::chrono::milliseconds;

/// Caller audio kept while no model session takes it: the longest back-off series that still makes
/// sense to a caller. PCMU, 8 bytes a ms.
constexpr size_t gap_audio_bytes_max = 30 * 8000;
/// Kept audio is looked through for speech in windows of 100 ms: a syllable, not a click.
constexpr size_t voiced_window_bytes = 100 * 8;
/// Largest single append to the model: one second, so that a replayed gap is a few messages and not
/// one large one.
constexpr size_t append_bytes_max = 8000;

/// The sound that fills a gap is sent in pieces of 200 ms, at most 400 ms ahead of what is played:
/// four ticks of a line, so that it has no holes and yet stops soon.
constexpr size_t filler_piece_bytes = 200 * 8;
constexpr uint64_t filler_ahead_ms = 400;

/// Journal facts that nobody has taken yet: a tick takes them, and this is minutes of a call.
constexpr size_t line_facts_bytes_max = 2 * 1024 * 1024;
/// Facts of a call that are kept while the disk does not take them: about eight minutes of both
/// sides.
constexpr size_t recorder_bytes_max = 8 * 1024 * 1024;
/// Pause before a failed journal write is tried again.
constexpr milliseconds recorder_retry{500};
/// How often an ended call's recorder looks whether its last append is done.
constexpr milliseconds recorder_last_look{20};
/// How long an ended call's recorder goes on trying before it gives up.
constexpr milliseconds recorder_finish_deadline{120'000};
/// Journals in trouble that a disk writer remembers having logged: all of the largest node's.
constexpr size_t failing_journals_max = 10'000;
/// Journals due to be synced (JOURNAL_SYNC_MS) within so long are synced along with the first: each
/// of ten then costs 40 % less CPU than one alone, and all of them hold the writer for some 3 ms.
constexpr milliseconds journal_sync_step{500};
/// How long one append may take before it is taken back.
constexpr milliseconds disk_timeout{30'000};
/// Nice value of the sealer's thread, the highest: it must never take a core from a live call.
constexpr int sealer_nice = 19;
/// Sealing a four-hour call reads 250 MB and writes 920 MB; a slow disk does that in minutes.
constexpr milliseconds seal_timeout{3'600'000};
/// A recording that could not be made or stored is tried again after 1, 2, 4, ... s, at most this
/// long apart, and so many times: 69 minutes, in which a disk can be emptied. Then the next start
/// does it.
constexpr milliseconds seal_pause_first{1'000};
constexpr milliseconds seal_pause_max{300'000};
constexpr unsigned seal_tries = 21;
/// Recordings that wait to be sealed: all calls of a large node may end at once (drain). A request
/// takes less than 1 KiB. Beyond it the journal stays and is taken up later.
constexpr size_t seal_queue_max = 4'096;
/// Pauses of the recording that are remembered of one call; beyond them the last one grows. A
/// card's number takes one.
constexpr size_t recording_pauses_max = 256;
/// Calls that a dead process left and that could not be finished (disk full) are tried again after
/// this, so many times; then the next start does it.
constexpr milliseconds recovery_retry{60'000};
constexpr unsigned recovery_tries = 10;
/// A line of progress in the log after so many of them.
constexpr size_t recovery_progress_calls = 100;
/// How long a call that goes on waits for what is known of it: reading the journal of a four-hour
/// call takes about a second; the carrier waits 15.
constexpr milliseconds past_timeout{8'000};
/// Longest time that a process may be down between two parts of a call, as its media time counts
/// it: a wall clock that jumped meanwhile must not make hours of silence.
constexpr uint64_t down_ms_max = 600'000;
/// Frames that the test hook of crashes keeps: ten calls for nine minutes, 56 MB of a sparse file.
constexpr size_t read_stamps_max = 262'144;
/// One thread appends to the journals of this many lines' calls. It needs a tenth of what a line
/// needs for them; each more would be woken as often, for fewer appends at a time.
constexpr uint32_t lines_per_disk_writer = 4;

/// A stopped leg says goodbye to its peer (close frame) for at most this long.
constexpr milliseconds ending_deadline{5'000};
/// How long the end waits for the last turns to be written before the row is closed without them.
constexpr milliseconds last_turns_deadline{1'500};
/// Tries to write the end of a call, a second apart; then the registry's row stays for recovery.
constexpr unsigned end_write_tries = 10;
constexpr milliseconds end_write_pause{1'000};

/// Turns remembered for replay to a new model session, and their text; older ones are left out. The
/// model's context is 28,000 tokens or about 100 KB of text: more could not be replayed.
constexpr size_t history_turns_max = 200;
constexpr size_t history_text_bytes_max = 96 * 1024;
/// Turns that are over and still looked for when an event names an item: their session's events
/// come within a turn or two.
constexpr size_t turns_at_hand = 16;
/// Tools used that are remembered for replay, and the longest text kept of one.
constexpr size_t history_tools_max = 50;
constexpr size_t tool_text_bytes_max = 16 * 1024;
/// Turns that may be open (not final) or not told yet at once; a model that opens more loses the
/// oldest.
constexpr size_t open_turns_max = 64;
/// Longest text kept of one turn.
constexpr size_t turn_text_bytes_max = 64 * 1024;
/// While an answer plays, the text heard of it is stored and published after each this much of it:
/// a dashboard follows within a sentence, and a call writes a row every other second at most.
constexpr uint64_t turn_progress_ms = 2'000;
/// Turn updates that wait for the database in one call's writer.
constexpr size_t turn_updates_max = 1'000;
/// A transcription that does not come within this time after its turn ended is given up: the turn
/// is closed with the text there is.
constexpr uint64_t transcription_patience_ms = 10'000;

} // namespace switchboard::defaults::call
