#define CAF_SUITE openai_responses
#define FAIL CAF_FAIL
#include "tests/tools/openai_driver.hpp"

#include <caf/test/dsl.hpp>

using namespace sim::openai;

namespace {

const char* story = R"({"greeting": {"text": "Hello, this is the long greeting of the model."},
  "turns": [{"hears": "one", "says": {"text": "This is the first answer."}},
            {"hears": "two", "before": {"text": "One moment."},
             "tools": [{"name": "look", "arguments": {"what": "a rather long argument"}}, {"name": "other"}],
             "says": {"text": "Found it."}},
            {"hears": "three", "fails": {"code": "rate_limit_exceeded", "message": "slow down"}}],
  "out_of_band": [{"match": "summary", "text": "A short call."}]})";

json tools() {
  json list = json::array();
  for (const char* name : {"look", "other"})
    list.push_back({{"type", "function"}, {"name", name}, {"parameters", {{"type", "object"}}}});
  return {{"tools", list}};
}

int64_t audio_bytes(const driver& d, const json& item) {
  int64_t sum = 0;
  for (const auto& delta : d.of("response.output_audio.delta"))
    if (delta["item_id"] == item)
      sum += static_cast<int64_t>(sim::decode_base64(delta["delta"].get<std::string>())->size());
  return sum;
}

json create_user(const std::string& text) {
  return {{"type", "conversation.item.create"},
          {"item",
           {{"type", "message"},
            {"role", "user"},
            {"content", json::array({{{"type", "input_text"}, {"text", text}}})}}}};
}

json create_assistant(const std::string& text, const char* type) {
  return {{"type", "conversation.item.create"},
          {"item",
           {{"type", "message"},
            {"role", "assistant"},
            {"content", json::array({{{"type", type}, {"text", text}}})}}}};
}

const json create = {{"type", "response.create"}, {"event_id", "rc"}};

} // namespace

CAF_TEST(a greeting comes whole and faster than it plays in uneven chunks) {
  driver d(story);
  d.configure();
  d.send(create);
  d.run(300);
  const std::string text = "Hello, this is the long greeting of the model.";
  const auto length_ms = static_cast<int64_t>(text.size()) * 60;
  d.run(length_ms / 4);
  CAF_CHECK_EQUAL(d.count("response.done"), 1u);
  CAF_CHECK_EQUAL(audio_bytes(d, d.spoken_item()), length_ms * 8);
  std::string words;
  for (const auto& delta : d.of("response.output_audio_transcript.delta")) {
    words += delta["delta"];
    CAF_CHECK(delta.contains("obfuscation"));
  }
  CAF_CHECK_EQUAL(words, text);
  CAF_CHECK(d.count("response.output_audio.delta") > 4);
  const auto done = d.at("response.done", "/response");
  CAF_CHECK_EQUAL(done["status"], "completed");
  CAF_CHECK_EQUAL(done["output"][0]["content"][0]["transcript"], text);
  CAF_CHECK_EQUAL(done["usage"]["output_token_details"]["audio_tokens"], length_ms / 50);
}

CAF_TEST(only one response at a time writes to the conversation) {
  driver d(story);
  d.configure();
  d.turn(); // VAD creates the response
  d.send(create);
  CAF_CHECK_EQUAL(d.last_error(), "conversation_already_has_active_response");
  CAF_CHECK_EQUAL(d.at("error", "/error/event_id"), "rc");
  d.run(5000);
  CAF_CHECK_EQUAL(d.count("response.done"), 1u);
}

CAF_TEST(a cancelled response ends with what it had said) {
  driver d(story);
  d.configure();
  d.send(create);
  d.run(500);
  d.send({{"type", "response.cancel"}});
  const auto done = d.at("response.done", "/response");
  CAF_CHECK_EQUAL(done["status"], "cancelled");
  CAF_CHECK_EQUAL(done["status_details"]["reason"], "client_cancelled");
  CAF_CHECK_EQUAL(done["output"][0]["status"], "incomplete");
  CAF_CHECK(!done["usage"].is_null());
  const auto before = d.count("response.output_audio.delta");
  d.run(5000);
  CAF_CHECK_EQUAL(d.count("response.output_audio.delta"), before);
  d.send({{"type", "response.cancel"}, {"event_id", "late"}});
  CAF_CHECK_EQUAL(d.last_error(), "response_cancel_not_active");
}

CAF_TEST(the caller interrupts unless the session says otherwise) {
  driver d(story);
  d.configure();
  d.send(create);
  d.run(400);
  d.speak(100);
  CAF_CHECK_EQUAL(d.at("response.done", "/response/status_details/reason"), "turn_detected");

  driver quiet(story);
  quiet.configure({{"audio", {{"input", {{"turn_detection", {{"interrupt_response", false}}}}}}}});
  quiet.send(create);
  quiet.run(400);
  quiet.speak(100);
  CAF_CHECK_EQUAL(quiet.count("response.done"), 0u);
}

CAF_TEST(a turn without create_response waits for the client) {
  driver d(story);
  d.configure({{"audio", {{"input", {{"turn_detection", {{"create_response", false}}}}}}}});
  d.turn();
  d.run(1000);
  CAF_CHECK_EQUAL(d.count("response.created"), 0u);
  d.send(create);
  d.run(5000);
  CAF_CHECK_EQUAL(d.at("response.output_audio_transcript.done", "/transcript"),
                  "This is the first answer.");
}

CAF_TEST(tools are called and answered once after all outputs) {
  driver d(story);
  d.configure(tools());
  d.send(create_user("one"));
  d.send(create_assistant("This is the first answer.", "output_text"));
  d.turn();
  d.run(5000);
  const auto calls = d.of("response.function_call_arguments.done");
  CAF_REQUIRE_EQUAL(calls.size(), 2u);
  CAF_CHECK_EQUAL(calls[0]["arguments"], R"({"what":"a rather long argument"})");
  CAF_CHECK(d.count("response.function_call_arguments.delta") > 2);
  const auto output = d.at("response.done", "/response/output");
  CAF_REQUIRE_EQUAL(output.size(), 3u);
  CAF_CHECK_EQUAL(output[0]["type"], "message");
  CAF_CHECK_EQUAL(output[1]["status"], "completed");
  d.run(3000);
  CAF_CHECK_EQUAL(d.count("response.created"), 1u); // nothing happens by itself
  for (const auto& call : calls)
    d.send({{"type", "conversation.item.create"},
            {"item",
             {{"type", "function_call_output"}, {"call_id", call["call_id"]}, {"output", "ok"}}}});
  d.send(create);
  d.run(3000);
  CAF_CHECK_EQUAL(d.at("response.output_audio_transcript.done", "/transcript"), "Found it.");
  CAF_CHECK_EQUAL(d.machine().report()["toolOutputs"].size(), 2u);
}

CAF_TEST(a tool that the session does not offer is not called) {
  driver d(story);
  d.configure();
  d.send(create_user("one"));
  d.turn();
  d.run(5000);
  CAF_CHECK_EQUAL(d.count("response.function_call_arguments.done"), 0u);
  CAF_CHECK_EQUAL(d.machine().report()["callsNotMade"].size(), 2u);
}

CAF_TEST(a response outside the conversation runs beside it and echoes its metadata) {
  driver d(story);
  d.configure();
  d.send(create);
  d.send({{"type", "response.create"},
          {"response",
           {{"conversation", "none"},
            {"output_modalities", {"text"}},
            {"tools", json::array()},
            {"metadata", {{"kind", "summary"}}}}}});
  CAF_CHECK_EQUAL(d.count("error"), 0u);
  d.run(500);
  const auto done = d.at("response.done", "/response");
  CAF_CHECK_EQUAL(done["metadata"]["kind"], "summary");
  CAF_CHECK(done["conversation_id"].is_null());
  CAF_CHECK_EQUAL(done["output"][0]["content"][0]["text"], "A short call.");
  CAF_CHECK_EQUAL(d.at("response.output_text.done", "/text"), "A short call.");
  d.run(5000);
  CAF_CHECK_EQUAL(d.count("response.done"), 2u);
  CAF_CHECK_EQUAL(d.count("conversation.item.added"), 1u);
}

CAF_TEST(a failed response says why) {
  driver d(story);
  d.configure();
  for (const char* words : {"one", "two"})
    d.send(create_user(words));
  d.turn();
  d.run(1000);
  const auto done = d.at("response.done", "/response");
  CAF_CHECK_EQUAL(done["status"], "failed");
  CAF_CHECK_EQUAL(done["status_details"]["error"]["code"], "rate_limit_exceeded");
}

CAF_TEST(a limit of tokens ends the speech) {
  driver d(story);
  d.configure({{"max_output_tokens", 10}});
  d.send(create);
  d.run(5000);
  const auto done = d.at("response.done", "/response");
  CAF_CHECK_EQUAL(done["status"], "incomplete");
  CAF_CHECK_EQUAL(done["status_details"]["reason"], "max_output_tokens");
  CAF_CHECK_EQUAL(audio_bytes(d, d.spoken_item()), 10 * 50 * 8);
}

CAF_TEST(truncation takes the transcript and never more audio than there is) {
  driver d(story);
  d.configure();
  d.send(create);
  d.run(5000);
  const auto item = d.spoken_item();
  const auto length_ms = audio_bytes(d, item) / 8;
  const auto truncate = [&](const std::string& id, int64_t ms) {
    d.send({{"type", "conversation.item.truncate"},
            {"item_id", id},
            {"content_index", 0},
            {"audio_end_ms", ms}});
  };
  truncate(item, length_ms + 1);
  CAF_CHECK_EQUAL(d.at("error", "/error/message"), "Audio content of " + std::to_string(length_ms) +
                                                       "ms is already shorter than " +
                                                       std::to_string(length_ms + 1) + "ms");
  truncate(item, 800);
  CAF_CHECK_EQUAL(d.at("conversation.item.truncated", "/audio_end_ms"), 800);
  d.send({{"type", "conversation.item.retrieve"}, {"item_id", item}});
  const auto content = d.at("conversation.item.retrieved", "/item/content/0");
  CAF_CHECK_EQUAL(content["transcript"], "");
  CAF_CHECK_EQUAL(sim::decode_base64(content["audio"].get<std::string>())->size(), 6400u);
  truncate(item, 900);
  CAF_CHECK_EQUAL(d.last_error(), "invalid_value");
  truncate("item_of_another_session", 0);
  CAF_CHECK_EQUAL(d.last_error(), "item_truncate_invalid_item_id");
  CAF_CHECK_EQUAL(d.machine().report()["truncations"].size(), 3u);
}

CAF_TEST(a replayed history goes on where it was) {
  driver d(story);
  d.configure();
  d.send(create_user("one"));
  d.send(create_assistant("This is the first", "output_text"));
  CAF_CHECK_EQUAL(d.count("conversation.item.done"), 2u);
  CAF_CHECK(!d.at("conversation.item.added", "/previous_item_id").is_null());
  d.send(create_assistant("spoken", "input_text"));
  CAF_CHECK_EQUAL(d.at("error", "/error/param"), "item.content[0].type");
  const auto history = d.machine().report()["history"];
  CAF_REQUIRE_EQUAL(history.size(), 2u);
  CAF_CHECK_EQUAL(history[1]["text"], "This is the first");
  d.turn();
  d.run(5000);
  CAF_CHECK_EQUAL(d.at("conversation.item.input_audio_transcription.completed", "/transcript"),
                  "two");
}

CAF_TEST(items have their place and can go) {
  driver d(story);
  d.configure();
  auto first = create_user("last");
  first["item"]["id"] = "mine";
  d.send(first);
  d.send(first);
  CAF_CHECK_EQUAL(d.at("error", "/error/param"), "item.id");
  auto front = create_user("front");
  front["previous_item_id"] = "root";
  d.send(front);
  CAF_CHECK(d.at("conversation.item.added", "/previous_item_id").is_null());
  front["previous_item_id"] = "nowhere";
  d.send(front);
  CAF_CHECK_EQUAL(d.at("error", "/error/param"), "previous_item_id");
  d.send({{"type", "conversation.item.delete"}, {"item_id", "mine"}});
  CAF_CHECK_EQUAL(d.at("conversation.item.deleted", "/item_id"), "mine");
  d.send({{"type", "conversation.item.delete"}, {"item_id", "mine"}});
  CAF_CHECK_EQUAL(d.last_error(), "item_delete_invalid_item_id");
  d.send({{"type", "conversation.item.create"},
          {"item", {{"type", "function_call_output"}, {"call_id", "none"}, {"output", ""}}}});
  CAF_CHECK_EQUAL(d.last_error(), "invalid_tool_call_id");
}

CAF_TEST(the voice is settled once the model has spoken) {
  driver d(story);
  const json other = {{"audio", {{"output", {{"voice", "cedar"}}}}}};
  d.configure(other);
  CAF_CHECK_EQUAL(d.count("session.updated"), 1u);
  d.send(create);
  d.run(5000);
  d.configure({{"audio", {{"output", {{"voice", "marin"}}}}}});
  CAF_CHECK_EQUAL(d.last_error(), "cannot_update_voice");
  CAF_CHECK_EQUAL(d.count("session.updated"), 1u);
}

CAF_TEST(metadata and unknown fields of a response are checked) {
  driver d(story);
  d.configure();
  d.send({{"type", "response.create"}, {"response", {{"modalities", {"text"}}}}});
  CAF_CHECK_EQUAL(d.at("error", "/error/param"), "response.modalities");
  d.send(
      {{"type", "response.create"}, {"response", {{"metadata", {{"k", std::string(513, 'x')}}}}}});
  CAF_CHECK_EQUAL(d.at("error", "/error/param"), "response.metadata");
  CAF_CHECK_EQUAL(d.count("response.created"), 0u);
}
