#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Numbers of the requests that we make: HTTP tools, the carrier's REST API.
namespace switchboard::defaults::outbound {

using std::chrono::milliseconds;

/// Requests at once, and requests that wait for one of them to end. A call makes few; a hanging
/// tool of one profile must not take the memory of all.
constexpr size_t running_max = 256;
constexpr size_t waiting_max = 1'024;
/// Of one answer. A tool's goes to the model, which reads 4,000 tokens of it as slowly as it
/// thinks.
constexpr size_t answer_bytes_max = 16 * 1024;
/// What the model writes as arguments: a schema's fields, filled in.
constexpr size_t arguments_bytes_max = 32 * 1024;
/// Tries of a request that may be repeated, and the pause before the second (doubled from then on).
constexpr unsigned tries_max = 3;
constexpr milliseconds retry_pause{250};
/// Longest that the thread waits for something to happen.
constexpr milliseconds poll{1'000};
/// One REST request with all of its tries: the carrier answers within a second, or is in trouble.
constexpr uint32_t rest_timeout_ms = 10'000;
/// What the answer to a request within the process may take beyond the request itself.
constexpr milliseconds answer_slack{2'000};

} // namespace switchboard::defaults::outbound
