#pragma once

#include "tools/sim_common/openai_core.hpp"
#include "tools/sim_common/openai_speech.hpp"

#include <functional>
#include <map>
#include <string>

namespace sim::openai {

/// The responses of a session: at most one in the default conversation, any number beside it.
class responder {
public:
  explicit responder(core& shared) : core_(shared) {}

  /// Called when a response of the conversation has begun.
  std::function<void()> on_begin;
  /// Called when one has completed, with the ms until its audio will have been played.
  std::function<void(int64_t)> on_done;

  /// response.create. @param body The event's `response`, or an empty object.
  void create(const json& body, const std::string& cause);

  /// response.cancel. @param id Empty = the response of the conversation.
  void cancel(const std::string& id, const std::string& cause);

  /// VAD heard the caller: the response of the conversation ends as turn_detected.
  void interrupt();

private:
  /// A response under way.
  struct job {
    std::string id;
    bool apart = false; ///< Outside the conversation.
    json shape;         ///< The response object.
    json settings;      ///< Session fields with this response's overrides.
    item_ptr writing;   ///< The item it is in, or null.
    json output = json::array();
    token_count produced;
    int64_t begun_ms = -1;          ///< When its first audio left, or -1.
    int64_t sound_ms = 0;           ///< Audio sent.
    size_t samples_left = SIZE_MAX; ///< By max_output_tokens.
  };
  using jobs = std::map<std::string, job>;

  bool refuse(const json& body, const std::string& cause);
  job make_job(const json& body) const;
  script_line choose(const job& work, const json& body) const;
  void plan(job& work, const script_line& line);
  int64_t plan_message(job& work, int64_t at, const speech& said);
  int64_t plan_call(const job& work, int64_t at, const tool_call& call);
  bool offers(const job& work, const std::string& tool) const;

  void open_item(job& work, json shape);
  void open_message(job& work);
  void open_call(job& work, const tool_call& call);
  void write(job& work, const speech& said, const speech_step& step);
  void write_arguments(job& work, const std::string& piece);
  void close_message(job& work);
  void close_call(job& work);
  void close_item(job& work, const char* status);
  void finish(const std::string& id, const char* status, json details);
  void report(const job& work, const char* status, const json& details);
  json usage_of(const job& work) const;
  json about(const job& work, const std::string& type) const;
  static bool is_text(const job& work);
  void at(int64_t delay_ms, const std::string& id, std::function<void(job&)> step);

  core& core_;
  jobs jobs_;
  std::string active_; ///< Id of the conversation's response, or empty.
};

} // namespace sim::openai
