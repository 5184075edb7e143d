#define CAF_SUITE first_call
#define FAIL CAF_FAIL
#include "tests/end_to_end/sound.hpp"
#include "tests/end_to_end/world.hpp"

#include <curl/curl.h>

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

/// The types of the live updates that an SSE client got, in order, each as its parsed event.
std::vector<json> updates_of(const std::string& stream) {
  std::vector<json> result;
  size_t at = 0;
  while ((at = stream.find("data: ", at)) != std::string::npos) {
    at += 6;
    auto event = json::parse(stream.substr(at, stream.find('\n', at) - at), nullptr, false);
    if (event.is_object() && event["type"] != "connected")
      result.push_back(event);
  }
  return result;
}

std::vector<std::string> types_of(const std::vector<json>& updates) {
  std::vector<std::string> result;
  for (auto& update : updates)
    if (update["type"] != "transcript" && update["type"] != "call_updated")
      result.push_back(update["type"]);
  return result;
}

const std::vector<std::pair<std::string, std::string>> what_is_said = {
    {"assistant", "Hello, this is Switchboard. How can I help you today?"},
    {"user", "Hi, what are your opening hours today?"},
    {"assistant", "We are open from noon until ten in the evening."},
    {"user", "Please book a table for two at seven."},
    {"assistant", "Done, a table for two at seven is booked for you."},
    {"user", "Thank you very much, goodbye."},
    {"assistant", "You are welcome. Goodbye!"},
};

struct one_call : world {
  json call;
  int carrier = -1;

  void place(const variables& settings = {}, const texts& model_options = {}) {
    start_model(model_options);
    start_server(settings);
    auto options = three_turns();
    for (auto& more :
         {std::string{"--record-heard"}, path("heard.wav"), std::string{"--record-said"},
          path("said.wav"), std::string{"--status-callback"}, url("/twilio/call-status"),
          std::string{"--shuffle-callbacks"}})
      options.push_back(more);
    carrier = place_calls("caller", options);
    wait_for_recordings(1);
    call = calls().at(0);
  }

  void check_transcript() {
    CAF_REQUIRE_EQUAL(call["transcripts"].size(), what_is_said.size());
    double latest = -1;
    for (size_t i = 0; i < what_is_said.size(); ++i) {
      auto& turn = call["transcripts"][i];
      CAF_CHECK_EQUAL(turn["speaker"].get<std::string>(), what_is_said[i].first);
      CAF_CHECK_EQUAL(turn["text"].get<std::string>(), what_is_said[i].second);
      CAF_CHECK_GREATER(turn["startTime"].get<double>(), latest);
      CAF_CHECK_GREATER(turn["endTime"].get<double>(), turn["startTime"].get<double>());
      latest = turn["startTime"];
    }
  }

  /// The recording has both sides in their right places.
  void check_recording() {
    const auto file =
        path("data/recordings/" + call["recordings"][0]["filePath"].get<std::string>());
    const auto wav = load_sound(file);
    CAF_REQUIRE_EQUAL(wav.channels, 2);
    CAF_CHECK(wav.is_pcm16_wav);
    CAF_CHECK_EQUAL(wav.rate_hz, 16000);
    const auto said = load_sound(path("said.wav"));
    const auto heard = load_sound(path("heard.wav"));
    const auto caller = correlate(at_8k(said, 0), at_8k(wav, 0), 300);
    CAF_MESSAGE("caller correlates " << caller.correlation << " at " << caller.lag_ms << " ms");
    CAF_CHECK_GREATER(caller.correlation, 0.9);
    CAF_CHECK_LESS(std::abs(caller.lag_ms), 100);
    const std::vector<std::string> spoken{"agent_greeting.wav", "agent_1.wav", "agent_2.wav",
                                          "agent_3.wav"};
    for (size_t i = 0; i < spoken.size(); ++i)
      check_agent_speech(spoken[i], call["transcripts"][2 * i]["startTime"], at_8k(wav, 1),
                         at_8k(heard, 0));
  }

  /// The model's speech is in the recording, where the caller heard it. Each item has its own
  /// place: what a mark's echo says of it, a few ms around what the carrier's buffer did.
  void check_agent_speech(const std::string& file, double start_s,
                          const std::vector<float>& recorded, const std::vector<float>& heard) {
    constexpr double margin_s = 0.4;
    const auto speech_samples = at_8k(load_sound(speech(file)), 0);
    const double length_s = static_cast<double>(speech_samples.size()) / 8000 + 2 * margin_s;
    const auto in_recording =
        correlate(speech_samples, part_of(recorded, start_s - margin_s, length_s), 800);
    const auto at_caller =
        correlate(speech_samples, part_of(heard, start_s - margin_s, length_s), 800);
    CAF_MESSAGE(file << " recorded " << in_recording.correlation << " at " << in_recording.lag_ms
                     << " ms, heard " << at_caller.correlation << " at " << at_caller.lag_ms
                     << " ms");
    CAF_CHECK_GREATER(in_recording.correlation, 0.9);
    CAF_CHECK_LESS(std::abs(in_recording.lag_ms - at_caller.lag_ms), 100);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(first_call_tests, one_call)

CAF_TEST(a call with three turns each way is bridged and recorded and transcribed and stored) {
  place();
  CAF_CHECK_EQUAL(carrier, 0);
  CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
  CAF_CHECK_EQUAL(call["caller"].get<std::string>(), "+15550100001");
  CAF_CHECK(call["streamSid"].is_string());
  check_transcript();
  check_recording();
  CAF_CHECK_EQUAL(call["analytics"].size(), 1u);
  const auto totals = report("caller")["calls"][0]["totals"];
  const auto metrics = json::parse(call["analytics"][0]["metrics"].get<std::string>());
  CAF_CHECK_EQUAL(metrics["framesIn"].get<int>(), totals["framesSent"].get<int>());
  CAF_CHECK_EQUAL(totals["marksReceived"].get<int>(), totals["marksEchoed"].get<int>());
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(dashboards see the call while it happens) {
  start_model();
  start_server();
  process viewer{"/usr/bin/curl", {"-sN", url("/api/status")}, {{"PATH", "/usr/bin"}}, path("sse")};
  CAF_REQUIRE(
      wait_until([&] { return read_file(path("sse")).find("connected") != std::string::npos; }));
  place_calls("caller", three_turns());
  CAF_REQUIRE(wait_until(
      [&] { return read_file(path("sse")).find("recording_saved") != std::string::npos; }));
  const auto updates = updates_of(read_file(path("sse")));
  CAF_CHECK_EQUAL(types_of(updates),
                  (std::vector<std::string>{"call_started", "call_ended", "recording_saved"}));
  std::map<std::string, int64_t> versions; // every turn's updates come in order
  for (auto& update : updates)
    if (update["type"] == "transcript") {
      auto& latest = versions[update["data"]["id"]];
      CAF_CHECK_GREATER(update["data"]["version"].get<int64_t>(), latest);
      latest = update["data"]["version"];
    }
  CAF_CHECK_EQUAL(versions.size(), what_is_said.size());
  CAF_CHECK_EQUAL(stop_server(), 0); // with a client still connected
}

CAF_TEST(the recording is served whole and by range and by its signed url) {
  place();
  const auto target = "/api/calls/" + call["id"].get<std::string>() + "/recording";
  const auto whole = get(target);
  CAF_CHECK_EQUAL(whole.status, 200);
  CAF_CHECK_EQUAL(whole.headers.at("content-type"), "audio/wav");
  CAF_CHECK_EQUAL(whole.body.size(), call["recordings"][0]["sizeBytes"].get<size_t>());
  const auto part = get(target, {"Range: bytes=100-299"});
  CAF_CHECK_EQUAL(part.status, 206);
  CAF_CHECK_EQUAL(part.body, whole.body.substr(100, 200));
  CAF_CHECK_EQUAL(get(target, {"Range: bytes=99999999-"}).status, 416);
  CAF_CHECK_EQUAL(get(call["recordings"][0]["fileUrl"].get<std::string>()).body, whole.body);
}

CAF_TEST(pcm16 mode carries the same call) {
  place({{"OPENAI_AUDIO_FORMAT", "pcm16"}});
  CAF_CHECK_EQUAL(carrier, 0);
  check_transcript();
  check_recording();
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
