#define CAF_SUITE call_analysis
#define FAIL CAF_FAIL
#include "actors/call_analysis.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;

namespace {

struct fixture {
  call_snapshot call;
  bool tells(const std::string& part) { return metrics_json(call).find(part) != std::string::npos; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(call_analysis_tests, fixture)

CAF_TEST(what is not talk is silence) {
  call.length_ms = 10'000;
  call.figures.caller_talk_ms = 2500;
  call.figures.agent_talk_ms = 4000;
  call.figures.interruptions = 3;
  const auto row = analytics_of(call);
  CAF_CHECK_EQUAL(row.talk_time_s.value_or(0), 6.5);
  CAF_CHECK_EQUAL(row.silence_time_s.value_or(0), 3.5);
  CAF_CHECK_EQUAL(row.interruptions.value_or(0), 3);
  call.length_ms = 1000; // both spoke at once
  CAF_CHECK_EQUAL(analytics_of(call).silence_time_s.value_or(1), 0.0);
}

CAF_TEST(what was not measured is absent) {
  const auto row = analytics_of(call);
  CAF_CHECK(!row.average_latency_ms);
  CAF_CHECK(!row.sentiment && !row.sentiment_score);
  CAF_CHECK(!tells("latency") && !tells("costUsd"));
  const auto metadata = metadata_of(call);
  CAF_CHECK(!metadata.language && !metadata.region && !metadata.network_quality &&
            !metadata.custom_data_json);
}

CAF_TEST(latency is a mean over turns with its parts) {
  for (uint64_t wait : {100, 300}) {
    call.figures.timing.caller_voiced(0);
    call.figures.timing.turn_ended(500);
    call.figures.timing.response_created(500);
    call.figures.timing.audio_came(500 + wait);
    call.figures.timing.audio_sent(500 + wait);
    call.figures.timing.audio_acknowledged(700 + wait);
  }
  CAF_CHECK_EQUAL(analytics_of(call).average_latency_ms.value_or(0), 900.0);
  CAF_CHECK(tells(R"("latency":{"turns":2,"totalMs":900,"turnEndMs":500,"responseCreatedMs":0,)"
                  R"("firstDeltaMs":200,"firstSentMs":0,"acknowledgedMs":200})"));
}

CAF_TEST(tokens cost what the table says and cached ones are not paid twice) {
  auto& usage = call.figures.usage;
  usage.input_text_tokens = 1'000'000;
  usage.cached_tokens = 400'000;
  usage.input_audio_tokens = 500'000;
  usage.output_text_tokens = 100'000;
  usage.output_audio_tokens = 250'000;
  call.prices = switchboard::conf::parse_model_prices("4,0.5,32,16,64");
  CAF_CHECK(tells(R"("costUsd":36.200000)")); // 2.4 + 0.2 + 16 + 1.6 + 16
  usage.cached_tokens = 2'000'000;            // more than there is: no negative price
  CAF_CHECK(tells(R"("costUsd":34.600000)"));
}

CAF_TEST(the network is as good as its gaps and its jitter) {
  auto& figures = call.figures;
  const auto quality = [&] { return metadata_of(call).network_quality.value_or("unknown"); };
  figures.frames_in = 100; // two seconds
  CAF_CHECK_EQUAL(quality(), "unknown");
  figures.frames_in = 500;
  CAF_CHECK_EQUAL(quality(), "good");
  figures.gap_ms = 100;
  CAF_CHECK_EQUAL(quality(), "fair");
  figures.gap_ms = 400;
  CAF_CHECK_EQUAL(quality(), "poor");
  figures.gap_ms = 0;
  figures.jitter_us = 31'000;
  CAF_CHECK_EQUAL(quality(), "fair");
  figures.jitter_us = 61'000;
  CAF_CHECK_EQUAL(quality(), "poor");
}

CAF_TEST(metadata comes from the webhook and the stream) {
  call.facts.from = "+15550001111";
  call.facts.country = "US";
  CAF_CHECK_EQUAL(metadata_of(call).region.value_or(""), "US");
  call.facts.city = "SAN JOSE";
  call.language = "en";
  call.parameters = {{"ticket", "secret"}, {"from", "+1"}, {"customer", "42 \"x\""}};
  const auto row = metadata_of(call);
  CAF_CHECK_EQUAL(row.region.value_or(""), "US, SAN JOSE");
  CAF_CHECK_EQUAL(row.language.value_or(""), "en");
  CAF_CHECK_EQUAL(row.device_type.value_or(""), "phone");
  CAF_CHECK_EQUAL(row.custom_data_json.value_or(""), R"({"customer":"42 \"x\""})");
  call.facts.from = "client:anna";
  CAF_CHECK_EQUAL(metadata_of(call).device_type.value_or(""), "app");
  call.facts.from = "sip:anna@example.com";
  CAF_CHECK_EQUAL(metadata_of(call).device_type.value_or(""), "sip");
}

CAF_TEST(custom data past its bound is left out) {
  call.parameters = {{"small", "1"}, {"large", std::string(5000, 'x')}, {"after", "2"}};
  CAF_CHECK_EQUAL(metadata_of(call).custom_data_json.value_or(""), R"({"small":"1"})");
}

CAF_TEST_FIXTURE_SCOPE_END()
