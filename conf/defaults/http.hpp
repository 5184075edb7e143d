#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Numbers of the HTTP server.
namespace switchboard::defaults::http {

// -- what a request may have ----------------------------------------------------------------------
constexpr size_t body_bytes_max = 102'400;      // a note or a webhook; 413 past it
constexpr size_t target_bytes_max = 16 * 1024;  // path and query; 414 past it
constexpr size_t headers_bytes_max = 64 * 1024; // 431 past it
constexpr size_t fields_max = 1'000;            // header lines; browsers send 20; 431 past it
constexpr size_t method_bytes_max = 128;        // the longest registered one has 17; 400 past it
constexpr size_t request_id_bytes_max = 128;    // a longer X-Request-Id is replaced
constexpr size_t logged_path_bytes_max = 256;   // enough to find the request

// RESTinio's own limits lie well above ours: up to them a request is read to its end, past them it
// is answered at once and the connection closed, whatever follows. The first is http_parser's bound
// of request line and headers together.
constexpr uint32_t parser_head_bytes_max = 160 * 1024;
constexpr size_t parser_field_bytes_max = 150 * 1024;
constexpr size_t parser_fields_max = 50'000; // never reached: fields past ours are not kept
constexpr uint64_t parser_body_bytes_max = 2 * 1024 * 1024; // announced; of it ours is kept

// -- connections ----------------------------------------------------------------------------------
constexpr size_t pipelined_requests_max =
    2;                                   // with 1 RESTinio notices a gone client only when writing
constexpr size_t connections_max = 4096; // capped to a share of the descriptors
constexpr size_t connections_min = 32;   // however few descriptors there are
constexpr size_t descriptor_share = 2;   // connections get at most one in this many descriptors
constexpr std::chrono::seconds read_deadline{30};  // for a whole request, and between requests
constexpr std::chrono::seconds write_deadline{30}; // for one chunk of 256 KiB: 9 KB/s at least
/// Between a request and its answer, and between two parts of one. Actors answer within 10 s and
/// event streams write every `sse_keepalive`, so what takes longer is a mistake of ours.
constexpr std::chrono::seconds answer_deadline{60};
/// What the kernel keeps of an answer that a client does not take (it doubles the number): 1,000
/// clients that never read cost 0.5 GiB instead of the 4 that it would allow them.
constexpr int send_buffer_bytes = 256 * 1024;
constexpr std::chrono::milliseconds accept_retry{100}; // after an accept that failed
constexpr std::chrono::seconds stop_deadline{2};       // for the http thread's own teardown

// -- deadlines of requests to actors --------------------------------------------------------------
constexpr std::chrono::milliseconds read_timeout{3'000}; // a little above the readers' own 2 s
/// How long an erasure may take: two commits and the files of one call between them.
constexpr std::chrono::milliseconds erase_timeout{20'000};
constexpr std::chrono::milliseconds write_timeout{10'000};  // as the writer's: a disk may stall
constexpr std::chrono::milliseconds webhook_timeout{8'000}; // Twilio waits 15 s for all
constexpr std::chrono::milliseconds claim_timeout{4'000};
constexpr std::chrono::milliseconds disk_timeout{10'000};
constexpr int retry_after_s = 2; // what a busy server tells its client

// -- answers kept while they are true -------------------------------------------------------------
constexpr size_t cached_bytes_max = 8 * 1024 * 1024;      // answers: some 100 pages of 20 calls
constexpr size_t call_texts_bytes_max = 16 * 1024 * 1024; // of which pages are made: 4,000 calls
constexpr size_t cached_answer_bytes_max = 1024 * 1024;   // a larger one would push out the rest
constexpr std::chrono::milliseconds cached_max{1'000};    // what another process wrote shows then

// -- recordings -----------------------------------------------------------------------------------
constexpr size_t recording_chunk_bytes = 256 * 1024; // of one read and one write
/// Downloads at once, each of which holds a chunk: 32 MiB. Below the queue of the disk readers
/// (512), so that one which began is never cut short for want of room there; 503 past it.
constexpr size_t downloads_max = 128;

// -- tokens ---------------------------------------------------------------------------------------
constexpr double rate_burst_s =
    2; // what a quiet token has saved up: a dashboard's page loads at once

// -- event stream ---------------------------------------------------------------------------------
constexpr size_t sse_replay_max = 100;
constexpr size_t sse_clients_max = 2'000;
constexpr size_t sse_queue_bytes_max = 1024 * 1024; // a client that has not taken this is dropped
constexpr std::chrono::seconds sse_keepalive{15};   // the contract allows 30
constexpr int sse_retry_ms = 3'000;                 // how soon a client comes back

// -- media streams --------------------------------------------------------------------------------
constexpr size_t pending_streams_max = 256; // upgraded sockets whose ticket is not checked yet
constexpr std::chrono::milliseconds start_timeout{5'000}; // for `start` and its ticket
constexpr size_t stream_messages_before_start_max = 4;    // `connected` and some it may grow

} // namespace switchboard::defaults::http
