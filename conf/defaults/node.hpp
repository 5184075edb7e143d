#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Numbers of the process.
namespace switchboard::defaults::node {

/// Threads of CAF's scheduler: control actors only, so few are enough; two, so that one long
/// handler does not stop the others.
constexpr size_t scheduler_threads = 2;
/// Messages that one scheduled actor handles before another gets its turn.
constexpr size_t scheduler_throughput_max = 64;

/// After the drain: how long ended calls may take to store their ends and seal their recordings.
constexpr std::chrono::seconds finish_deadline{60};
/// How often a waiting shutdown looks whether it is done.
constexpr std::chrono::milliseconds shutdown_poll{20};
/// How long control actors may take to end.
constexpr std::chrono::seconds control_deadline{10};

/// Bytes of the key that signs recording URLs (HMAC-SHA256: as long as its output).
constexpr size_t url_key_bytes = 32;

} // namespace switchboard::defaults::node
