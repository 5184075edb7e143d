#pragma once

#include "actors/conversation.hpp"

#include <string>
#include <vector>

namespace switchboard::actors {

/// A function that the model called.
struct function_call {
  std::string call_id; ///< the model's
  std::string name;
  std::string arguments_json;
};

/// As much of an exchange as a model is told: what is too long is cut, and says so.
tool_exchange bounded(tool_exchange exchange);

/// The functions that a model session called: which are to be run, and when they are answered. All
/// calls of one response are answered at once, when the last of their outputs is in, since the
/// model goes on after the first response that it is asked for. Calls that were not completed (the
/// caller spoke over them) are not run. Bounded: what is too much is answered with an error. Pure;
/// one per session.
class tool_calls {
public:
  /// The model finished writing a call. @param completed its item's status.
  void on_item(const std::string& response_id, function_call call, bool completed);

  /// The response is over. @returns the calls to run now, in order.
  std::vector<function_call> on_response_done(const std::string& response_id);

  /// An output is in; too long ones are cut. @returns all exchanges of the response, in the order
  /// of its calls, if this was the last one missing; nothing for an id that waits for none.
  std::vector<tool_exchange> on_output(const std::string& call_id, std::string output);

  /// Whether the call was made in this session and is not answered to the model yet.
  bool knows(const std::string& call_id) const;

  /// Calls whose response was answered with nothing but errors of ours (refused ones): to be sent.
  std::vector<tool_exchange> take_answered();

  /// The session is over: what is answered already, for the conversation's history.
  std::vector<tool_exchange> abandon();

  /// No call waits for its output.
  bool idle() const { return batches_.empty(); }

private:
  struct entry {
    tool_exchange exchange;
    bool answered = false;
  };
  struct batch {
    std::string response_id;
    std::vector<entry> calls;
    bool closed = false; // its response is done
  };

  size_t pending() const;
  std::vector<tool_exchange> take(std::vector<batch>::iterator done);

  std::vector<batch> batches_;
};

} // namespace switchboard::actors
