#pragma once

#include <chrono>

/// Numbers of the model session.
namespace switchboard::defaults::model {

/// From the socket's opening to `session.updated`: OpenAI answers within a second; a session that is
/// not configured by then is better opened anew.
constexpr std::chrono::milliseconds configure_deadline{8'000};
/// Server VAD, always sent: the documented default of 500 ms of silence differs from what live
/// sessions report (200).
constexpr double vad_threshold = 0.5;
constexpr int vad_prefix_padding_ms = 300;
constexpr int vad_silence_ms = 500;

} // namespace switchboard::defaults::model
