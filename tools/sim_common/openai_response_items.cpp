// The items that a response writes: opening, deltas, closing. (The response itself is
// openai_responder.cpp.)
#include "tools/sim_common/base64.hpp"
#include "tools/sim_common/openai_responder.hpp"

namespace sim::openai {

json responder::about(const job& work, const std::string& type) const {
  json event = {{"type", type}, {"response_id", work.id}};
  event["item_id"] = work.writing->id();
  event["output_index"] = work.output.size();
  return event;
}

void responder::open_item(job& work, json shape) {
  work.writing = std::make_shared<item>();
  work.writing->shape = std::move(shape);
  core_.out.send({{"type", "response.output_item.added"},
                  {"response_id", work.id},
                  {"output_index", work.output.size()},
                  {"item", work.writing->shape}});
  if (work.apart)
    return;
  const auto previous = core_.talk.append(work.writing);
  core_.out.send({{"type", "conversation.item.added"},
                  {"previous_item_id", previous},
                  {"item", work.writing->shape}});
}

void responder::open_message(job& work) {
  json shape = {{"id", core_.out.new_id("item")}, {"object", "realtime.item"}};
  shape["type"] = "message";
  shape["status"] = "in_progress";
  shape["role"] = "assistant";
  shape["content"] = json::array();
  open_item(work, std::move(shape));
  const bool text = is_text(work);
  const char* words = text ? "text" : "transcript";
  const json content = {{"type", text ? "output_text" : "output_audio"}, {words, ""}};
  work.writing->shape["content"].push_back(content);
  auto event = about(work, "response.content_part.added");
  event["content_index"] = 0;
  event["part"] = {{"type", text ? "text" : "audio"}, {words, ""}};
  core_.out.send(std::move(event));
}

void responder::open_call(job& work, const tool_call& call) {
  json shape = {{"id", core_.out.new_id("item")}, {"object", "realtime.item"}};
  shape["type"] = "function_call";
  shape["status"] = "in_progress";
  shape["name"] = call.name;
  shape["call_id"] = core_.out.new_id("call");
  shape["arguments"] = "";
  open_item(work, std::move(shape));
}

void responder::write(job& work, const speech& said, const speech_step& step) {
  const bool text = is_text(work);
  const bool sound = step.words.empty();
  auto event = about(work, sound  ? "response.output_audio.delta"
                           : text ? "response.output_text.delta"
                                  : "response.output_audio_transcript.delta");
  event["content_index"] = 0;
  if (!sound) {
    auto& content = work.writing->shape["content"][0];
    auto& words = content[text ? "text" : "transcript"].get_ref<std::string&>();
    words += step.words;
    event["delta"] = step.words;
    event["obfuscation"] = core_.out.obfuscation();
    core_.out.send(std::move(event));
    return;
  }
  const auto kind = codec_of(work.settings["audio"]["output"]["format"]);
  const auto& all = *said.sound;
  event["delta"] = encode_base64(encode_audio(kind, all, step.begin, step.end));
  work.writing->sound.insert(work.writing->sound.end(),
                             all.begin() + static_cast<std::ptrdiff_t>(step.begin),
                             all.begin() + static_cast<std::ptrdiff_t>(step.end));
  if (work.begun_ms < 0)
    work.begun_ms = core_.time.now_ms();
  work.sound_ms += static_cast<int64_t>((step.end - step.begin) / samples_per_ms);
  core_.voice_used = true;
  core_.out.send(std::move(event));
}

void responder::write_arguments(job& work, const std::string& piece) {
  auto& shape = work.writing->shape;
  shape["arguments"].get_ref<std::string&>() += piece;
  auto event = about(work, "response.function_call_arguments.delta");
  event["call_id"] = shape["call_id"];
  event["delta"] = piece;
  event["obfuscation"] = core_.out.obfuscation();
  core_.out.send(std::move(event));
}

void responder::close_message(job& work) {
  const bool text = is_text(work);
  const char* words = text ? "text" : "transcript";
  const auto said = work.writing->shape["content"][0][words];
  if (!text) {
    auto sound = about(work, "response.output_audio.done");
    sound["content_index"] = 0;
    core_.out.send(std::move(sound));
  }
  auto done =
      about(work, text ? "response.output_text.done" : "response.output_audio_transcript.done");
  done["content_index"] = 0;
  done[words] = said;
  core_.out.send(std::move(done));
  auto part = about(work, "response.content_part.done");
  part["content_index"] = 0;
  part["part"] = {{"type", text ? "text" : "audio"}, {words, said}};
  core_.out.send(std::move(part));
}

void responder::close_call(job& work) {
  const auto& shape = work.writing->shape;
  auto done = about(work, "response.function_call_arguments.done");
  done["call_id"] = shape["call_id"];
  done["name"] = shape["name"];
  done["arguments"] = shape["arguments"];
  core_.out.send(std::move(done));
}

void responder::close_item(job& work, const char* status) {
  auto& shape = work.writing->shape;
  shape["status"] = status;
  if (shape["type"] == "message")
    close_message(work);
  else
    close_call(work);
  if (!work.apart)
    core_.out.send({{"type", "conversation.item.done"},
                    {"previous_item_id", core_.talk.previous_of(work.writing->id())},
                    {"item", shape}});
  core_.out.send({{"type", "response.output_item.done"},
                  {"response_id", work.id},
                  {"output_index", work.output.size()},
                  {"item", shape}});
  const auto tokens = tokens_of(*work.writing);
  work.produced.text += tokens.text;
  work.produced.audio += tokens.audio;
  work.output.push_back(shape);
  work.writing = nullptr;
}

} // namespace sim::openai
