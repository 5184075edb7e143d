#pragma once

#include <cstddef>

namespace switchboard::defaults::websocket {

constexpr size_t read_buffer_bytes = 16 * 1024; // of one read; also the largest TLS record
constexpr size_t read_buffer_skew_bytes = 320;  // between two of a poller's buffers: 5 cache lines
constexpr size_t polled_at_once = 64;           // sockets of one round: 64 buffers, 1 MiB a line
constexpr size_t batch_max = 128;               // sends of a round: two for each who was read from
constexpr size_t staged_bytes_max = 128 * 1024; // of these: 1 KiB each, a frame has some 300 bytes
constexpr size_t staged_send_bytes_max = 16 * 1024; // more is worth a call of its own
constexpr int batch_tries_max = 1000; // of io_uring that is busy: some milliseconds, then it failed
constexpr size_t polled_per_turn_max = 256; // then the thread's other work has its turn
constexpr int polled_rounds_max =
    8; // as many reads of one who floods us: some milliseconds of work
constexpr unsigned char turns_per_trail = 4; // what a socket's turn uses is noted in one of so many
constexpr size_t tls_record_bytes_max =
    5 + 16 * 1024 + 256; // head, text, the rest (RFC 8446 section 5.2): what a read may leave
constexpr size_t buffer_kept_bytes = 64 * 1024; // a write or message buffer above it is given back
constexpr size_t drain_bytes_max =
    1024 * 1024; // read and dropped after a protocol error of the peer
constexpr size_t resource_bytes_max = 8 * 1024; // path and query of a client's request
constexpr size_t header_bytes_max =
    12 * 1024;                               // of a client's own headers together; a JWT has 4 KiB
constexpr size_t status_text_bytes_max = 64; // of a refused upgrade, for the log
constexpr size_t mask_keys_per_refill = 256; // masking keys drawn with one getrandom(2)

} // namespace switchboard::defaults::websocket
