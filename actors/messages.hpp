#pragma once

#include "actors/carrier_link.hpp"
#include "conf/agent_profile.hpp"
#include "storage/call_past.hpp"
#include "storage/records.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// What actors tell each other. All of these stay within the process.
namespace switchboard::storage {
class call_store;
}

namespace switchboard::actors {

/// What the carrier said of a call, from the webhook or, for streams without ticket, from `start`.
struct call_facts {
  std::string call_sid;
  std::string account_sid;
  std::string from;
  std::string to;
  std::string city;
  std::string country;
  std::string direction;
  /// How this node's agent answers the call: chosen by the registry, kept to the call's end.
  conf::agent_profile_ptr profile;
};

/// The registry's answer to a webhook: the call has a row and may send its stream.
struct admission {
  std::string call_id;
  std::string nonce;        ///< goes into the ticket; the same for a retried webhook
  int64_t expires_at_s = 0; ///< epoch seconds until which the ticket may be claimed
  bool resumed = false;     ///< the call had a stream before and goes on
  conf::agent_profile_ptr profile;
};

/// A stream's `start`, its ticket's signature already checked by http/.
struct stream_claim {
  stream_start start;
  std::string nonce; ///< of the ticket; empty = stream without ticket (validation off)
  std::optional<call_facts> facts; ///< only for a stream without ticket
};

/// The registry's answer to a claim: the stream may be handed to a line.
struct stream_grant {
  std::string call_id;
  call_facts facts;
  uint32_t line = 0;           ///< index of the line that gets the socket
  bool resumed = false;        ///< a call actor exists already: hand the link to it
  caf::actor call;             ///< that actor; invalid for a new call
  storage::call_past_ptr past; ///< of a call that another process began; null for others
};

/// What a recovery did. All counts are calls.
struct recovery_report {
  uint64_t finished = 0;  ///< rows that a dead process had left `active`
  uint64_t sealed = 0;    ///< recordings made
  uint64_t set_aside = 0; ///< journals that cannot be used, kept under another name
  uint64_t failed = 0;    ///< could not be finished (now); their journals are kept
};

/// The carrier's status callback. `sequence` orders callbacks, they may arrive in any order.
struct status_callback {
  std::string call_sid;
  std::string status;
  std::optional<int64_t> duration_s;
  std::optional<int64_t> sequence;
};

/// What TwiML follows a stream.
enum class after_stream : uint8_t {
  hang_up,
  reconnect,
  apologize,
  dial,         ///< connect the caller to `detail`, a number
  press_digits, ///< press `detail`, then reconnect
};

struct next_step {
  after_stream what = after_stream::hang_up;
  std::string detail;
};

struct feed_error {
  std::string code;
  std::string message;
};

enum class feed_type : uint8_t {
  call_started,
  call_ended,
  recording_saved,
  error,
  transcript,
  call_updated,
};

/// One live update. Published to the feed without `sequence`; the feed numbers it.
struct feed_event {
  feed_type type{};
  std::string call_id;
  std::string stream_sid; ///< empty = none
  std::variant<storage::call_row, storage::recording_row, storage::transcript_row, feed_error> data;
  storage::wall_ms timestamp = 0; ///< set by the feed if 0
  uint64_t sequence = 0;          ///< 1, 2, ... within this process
};
using feed_event_ptr = std::shared_ptr<const feed_event>;

/// Receives every update and every erasure, called on the feed's thread: must only pass it on.
class feed_sink {
public:
  virtual ~feed_sink() = default;
  virtual void on_feed_event(feed_event_ptr) = 0;
  /// The call was erased: what is kept of its updates is to be dropped.
  virtual void on_call_erased(const std::string& call_id) = 0;
};
using feed_sink_ptr = std::shared_ptr<feed_sink>;

/// Work for a database reader: runs on its thread with its connection, renders what is to be sent.
/// Must not throw. The result goes back to the requester.
struct read_result {
  int status = 200; ///< HTTP status the job decided on
  std::string body;
  std::string extra; ///< for the requester (a file's path, an ETag)
};
using read_job = std::function<read_result(storage::call_store&)>;

/// Blocking work without a database (file reads); same rules.
using disk_job = std::function<read_result()>;

/// One record's worth of journal facts, encoded.
using record_batch = std::shared_ptr<std::vector<uint8_t>>;

/// A turn of the conversation as it becomes known; later parts of the same `key` replace earlier.
struct turn_update {
  std::string key;     ///< unique in the call: the turn's number in it
  int64_t version = 0; ///< grows with each update of the key, whoever passes it on
  storage::speaker who = storage::speaker::user;
  std::string text;      ///< agent: what was heard of it so far
  std::string generated; ///< agent: all that the model made of it, heard or not
  std::optional<double> confidence;
  uint64_t start_ms = 0; ///< call media time
  std::optional<uint64_t> end_ms;
  bool final = false;
  bool removed = false; ///< told before, and then nothing of it was said or heard: no turn
};

} // namespace switchboard::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::call_facts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::admission)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::stream_claim)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::stream_grant)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::status_callback)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::next_step)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::recovery_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::feed_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::feed_event_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::feed_sink_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::read_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::read_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::disk_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::record_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::turn_update)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::actors::link_close)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::storage::erasure)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::storage::call_past_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::storage::call_row)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::storage::call_update)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::storage::recording_row)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::storage::transcript_row)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::storage::analytics_row)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchboard::storage::metadata_row)
