#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace switchboard::defaults::openai {

constexpr size_t message_bytes_max = 16 * 1024 * 1024; // the provider's own bound is 15 MiB
constexpr size_t decoder_kept_bytes_max = 256 * 1024;  // larger messages get buffers of their own
constexpr size_t write_queue_bytes_max = 4 * 1024 * 1024; // 30 s of PCM16 in base64 are 1.9 MiB
constexpr size_t append_bytes_max = 1024 * 1024;          // of audio in one append: 21 s of PCM16
constexpr uint32_t bad_messages_in_a_row_max = 10; // then the peer does not speak the protocol
constexpr uint32_t warnings_per_session_max = 5;   // log lines about what one peer does wrong

// session.created comes with the upgrade's answer or a round trip later
constexpr auto first_message_timeout = std::chrono::milliseconds{5'000};
constexpr auto ping_interval = std::chrono::milliseconds{20'000}; // what the provider does itself

constexpr double vad_threshold = 0.5; // the provider's default, used for what is no number
constexpr size_t metadata_value_bytes_max = 512; // of response.metadata

} // namespace switchboard::defaults::openai
