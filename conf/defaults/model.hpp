#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Numbers of the model session.
namespace switchboard::defaults::model {

/// From the socket's opening to `session.updated`: OpenAI answers within a second; a session that
/// is not configured by then is better opened anew.
constexpr std::chrono::milliseconds configure_deadline{8'000};
/// Server VAD, always sent: the documented default of 500 ms of silence differs from what live
/// sessions report (200).
constexpr double vad_threshold = 0.5;
constexpr int vad_prefix_padding_ms = 300;
constexpr int vad_silence_ms = 500;

/// How long a response of ours waits after speech was sent late: the server first notices the
/// speech and then answers it by itself.
constexpr uint64_t late_speech_settle_ms = 400;

// -- sessions
// ---------------------------------------------------------------------------------------
/// Sessions per line that may wait for their streams: twice what a line gets in webhooks during the
/// seconds until streams start, at 25 calls a second.
constexpr size_t warm_sessions_max = 100;
/// A session is replaced in a quiet moment of its last five minutes (OpenAI ends one after 60
/// minutes); in its last minute between two turns, even if the agent is still heard; and in its
/// last 15 seconds in any case: few people speak for 45 seconds without a pause, and the change
/// itself takes one. Shorter-lived ones: half, a tenth and a fortieth of their life.
constexpr std::chrono::milliseconds rollover_before{300'000};
constexpr std::chrono::milliseconds rollover_between_before{60'000};
constexpr std::chrono::milliseconds rollover_force_before{15'000};
/// Pause before the next session is tried to be opened again.
constexpr std::chrono::milliseconds rollover_retry{15'000};
/// Silence that a caller takes for thinking; after it something is to be heard.
constexpr std::chrono::milliseconds filler_after{1'500};

// -- responses
// --------------------------------------------------------------------------------------
/// A response.create that neither creates a response nor is refused within this time is forgotten,
/// so that the next one is not held for ever.
constexpr uint64_t response_ack_ms = 5'000;
/// After the caller's turn the server makes a response by itself, within a round trip; one of ours
/// that waits for the turn's end waits this much longer, so that there are not two.
constexpr uint64_t server_answer_ms = 1'500;
/// A response created at least this long after items were added has seen them: longer than a round
/// trip to the model.
constexpr uint64_t items_seen_after_ms = 500;
/// Pause before a failed response is asked for again, times the failures in a row.
constexpr uint64_t response_retry_ms = 1'000;
/// Failures in a row after which the session is given up for a new one.
constexpr unsigned response_failures_max = 3;
/// Refusals of one request because another response is active; then it is dropped.
constexpr unsigned response_conflicts_max = 5;
/// Out-of-band responses remembered at once; the model runs a handful at most.
constexpr size_t silent_responses_max = 64;

} // namespace switchboard::defaults::model
