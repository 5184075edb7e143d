#pragma once

#include <cstddef>
#include <cstdint>

/// Numbers of agent profiles.
namespace switchboard::defaults::agent {

constexpr size_t file_bytes_max = 1024 * 1024; // a hundred profiles with long instructions
constexpr int json_depth_max = 32;             // a JSON Schema has five or six levels
constexpr size_t profiles_max = 1'000;
/// The model takes 16,384 tokens of instructions and tools; a token is about four bytes.
constexpr size_t instructions_bytes_max = 64 * 1024;
constexpr size_t text_bytes_max = 4 * 1024; // greeting, description
constexpr size_t consent_bytes_max = 3'000; // the smallest bound of the carrier's speech providers
constexpr size_t tools_max = 64;            // the provider takes 128; with the built-in ones
constexpr size_t transfers_max = 64;
constexpr size_t tool_name_bytes_max = 64;     // the provider's rule
constexpr size_t schema_bytes_max = 16 * 1024; // of one tool's parameters
constexpr size_t secret_bytes_max = 4 * 1024;
constexpr size_t problems_max = 100; // told at once; a broken generator makes thousands

constexpr uint32_t tool_timeout_ms = 5'000; // a caller waits about that long without asking
constexpr uint32_t tool_timeout_ms_min = 100;
constexpr uint32_t tool_timeout_ms_max = 30'000;

constexpr uint32_t call_s = 4 * 3600;    // the carrier's own bound of a dialled call
constexpr uint32_t idle_caller_s = 300;  // somebody put the phone down beside its cradle
constexpr uint32_t model_silence_s = 30; // past it the caller is gone anyway
constexpr uint32_t model_s = 0;          // no budget unless one is wanted
constexpr uint32_t limit_s_max = 24 * 3600;

} // namespace switchboard::defaults::agent
