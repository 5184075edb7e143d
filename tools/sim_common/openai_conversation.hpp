#pragma once

#include "tools/sim_common/openai_audio.hpp"
#include "tools/sim_common/openai_json.hpp"
#include "tools/sim_common/openai_script.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sim::openai {

/// One item of a conversation. Shared with the response that is still writing it.
struct item {
  json shape;          ///< As on the wire, without audio bytes.
  samples sound;       ///< Spoken audio, 8 kHz; what a model item has sent so far.
  bool silent = false; ///< User audio without speech: no turn of the script.

  std::string id() const { return shape.at("id"); }
  bool is_message(const char* role) const;
  int64_t sound_ms() const { return static_cast<int64_t>(sound.size() / samples_per_ms); }
};
using item_ptr = std::shared_ptr<item>;

/// Tokens of a context, as the service counts roughly: a token per 4 characters, per 100 ms of the
/// caller's audio, per 50 ms of the model's.
struct token_count {
  int64_t text = 0;
  int64_t audio = 0;
};

/// The default conversation: items in order.
class conversation {
public:
  /// Appends. @returns Id of the item before it, or null.
  json append(item_ptr added);

  /// Inserts behind `previous` ("root" = in front).
  /// @returns false when there is no such item.
  bool insert_after(const std::string& previous, item_ptr added);

  item_ptr find(const std::string& id) const;
  bool erase(const std::string& id);

  /// Id of the item before this one, or null.
  json previous_of(const std::string& id) const;
  json last_id() const;

  /// User messages that count as a turn.
  size_t user_turns() const;
  bool has_call(const std::string& call_id) const;

  /// The state a response to this conversation is chosen from.
  dialogue state() const;
  token_count tokens() const;

private:
  std::vector<item_ptr> items_;
};

token_count tokens_of(const item& counted);

} // namespace sim::openai
