#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Numbers of the model's functions and of how a call ends.
namespace switchboard::defaults::tools {

using std::chrono::milliseconds;

constexpr size_t pending_max =
    16; // calls of a session that wait for outputs; models make two or three
constexpr size_t remembered_max = 64;             // with those that are refused for being too many
constexpr size_t arguments_bytes_max = 32 * 1024; // what a model writes is a few hundred bytes
constexpr size_t output_bytes_max = 16 * 1024;    // it has to be read, at about 4 bytes a token
constexpr milliseconds answer_slack{3'000}; // beyond a tool's own timeout: it was answered by then
/// How long a model's leg may take to read an output: it lives on the call's own line and reads it
/// at once, or is dead.
constexpr milliseconds output_taken_max{5'000};

/// How long after a goodbye was asked for the agent may be silent before the call ends without.
constexpr milliseconds goodbye_start_max{5'000};
/// How long after its estimated end a goodbye's marks are waited for.
constexpr milliseconds goodbye_marks_max{5'000};
/// The longest goodbye.
constexpr milliseconds goodbye_max{30'000};
/// How long the carrier may take to ask what follows its stream before the call is ended by REST.
constexpr milliseconds action_max{5'000};
/// A live call that outlives its bound by this much is dead, whatever it says.
constexpr std::chrono::seconds reaper_grace{120};

/// Digits that follow each other this closely reach the model as one text; people pause longer
/// between two numbers.
constexpr milliseconds digit_pause{1'500};
constexpr size_t digits_max =
    32; // of one text; and of what send_dtmf sends: the carrier's own bound

} // namespace switchboard::defaults::tools
