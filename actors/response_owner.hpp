#pragma once

#include "actors/model_link.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace switchboard::actors {

/// Why a response is asked for.
enum class response_need : uint8_t {
  any_answer,  ///< a greeting, an answer due after a restart: the next response does, whoever made
               ///< it
  after_items, ///< items were added (outputs of tools): a response made before them will not do
};

/// The one owner of `response.create` in a model session. The server makes responses too, after
/// each turn of the caller, and refuses a second one at a time
/// (conversation_already_has_active_response); so a request waits for the response in progress and
/// for the caller's turn, is repeated when it was refused or failed, and is dropped when the
/// server's own response has served it.
///
/// Also knows which responses the caller may hear: neither out-of-band ones nor the rest of one
/// that was interrupted. Pure; times are ms of any steady clock. One per session.
class response_owner {
public:
  // -- what we want -----------------------------------------------------------------------------
  /// A response is needed. Requests that wait are merged: one response serves them all.
  void want(response_need why, create_response request, uint64_t now_ms);
  /// The request to send now, if any; followed by sent().
  std::optional<create_response> next(uint64_t now_ms);
  void sent(std::string event_id, uint64_t now_ms);
  /// Nothing is sent before this time: speech that the server has still to notice was appended.
  void hold_until(uint64_t at_ms) { not_before_ms_ = std::max(not_before_ms_, at_ms); }

  // -- what the server does -----------------------------------------------------------------------
  /// @param silent out of band: not part of the conversation.
  void on_created(const std::string& response_id, bool silent, uint64_t now_ms);
  /// A response ended without failing. Tolerates ids never created.
  void on_done(const std::string& response_id);
  /// A response failed for a reason that may pass. @returns false if that happened too often in a
  /// row: give the session up.
  bool on_failed(const std::string& response_id, uint64_t now_ms);
  /// An error that names an event of ours. @returns true if it was about our request.
  bool on_refused(const std::string& event_id, bool other_is_active, uint64_t now_ms);
  void caller_speaks() { speaking_ = true; }
  void caller_stopped(uint64_t now_ms);

  // -- what the caller may hear -------------------------------------------------------------------
  /// The caller speaks over the response in progress: the rest of it is stale.
  void interrupt() { interrupted_ = active_; }
  bool audible(const std::string& response_id) const;
  bool is_silent(const std::string& response_id) const;

  const std::string& active() const { return active_; }
  bool caller_speaking() const { return speaking_; }
  /// Nothing is in progress, asked for or waiting.
  bool idle() const { return active_.empty() && !asked_ && !wanted_; }

private:
  struct request {
    response_need why = response_need::any_answer;
    create_response body;
    uint64_t since_ms = 0;
    bool while_speaking = false;
    unsigned conflicts = 0;
    std::string event_id = {};
    uint64_t sent_ms = 0;
  };

  bool served_by_new_response(const request& waiting, uint64_t now_ms) const;
  void merge(request more);

  std::vector<std::string> silent_; // asked for each piece of audio
  std::string interrupted_;
  std::string active_;
  std::optional<request> wanted_; // not sent yet
  std::optional<request> asked_;  // sent; neither created nor refused
  std::optional<request>
      created_; // sent and seemingly created: its refusal may still be on its way
  uint64_t not_before_ms_ = 0;
  unsigned failures_ = 0;
  bool speaking_ = false;
};

} // namespace switchboard::actors
