#pragma once

#include <cstddef>
#include <cstdint>

namespace switchboard::defaults::twilio {

// -- media stream ---------------------------------------------------------------------------------
constexpr size_t stream_message_bytes_max = 64 * 1024; // a 20 ms frame is 0.4 KiB; a second is 11
constexpr size_t stream_parameters_max = 128;          // the REST form of <Stream> goes to 99
constexpr size_t media_bytes_max = 64 * 1024;      // of one message to the carrier: 8 s of audio
constexpr uint32_t bad_messages_in_a_row_max = 10; // then the peer does not speak the protocol
constexpr uint32_t warnings_per_stream_max = 5;    // log lines about what one peer does wrong

// -- TwiML ----------------------------------------------------------------------------------------
constexpr size_t parameter_bytes_max = 499; // name and value of a <Parameter>: "less than 500"
constexpr size_t say_bytes_max = 3000;      // the smallest bound of the carrier's speech providers

// -- stream tickets -------------------------------------------------------------------------------
constexpr size_t ticket_key_bytes = 32;   // as long as the digest of HMAC-SHA256
constexpr size_t ticket_nonce_bytes = 16; // never drawn twice
constexpr size_t ticket_bytes_max = 400;  // fits a <Parameter>, whatever the CallSid is
constexpr int64_t ticket_lifetime_s =
    120; // ringing (60 s at most by default) and the socket's set-up

} // namespace switchboard::defaults::twilio
