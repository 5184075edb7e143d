#define CAF_SUITE twilio_socket
#define FAIL CAF_FAIL
#include "conf/defaults/twilio.hpp"
#include "http/twilio/carrier_socket.hpp"
#include "tests/http/fake_websocket.hpp"

#include <string>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard;

namespace {

/// Writes down what a leg would be told.
struct sink : actors::carrier_events {
  std::vector<std::string> told;
  std::unique_ptr<actors::carrier_link>* drop_at_close = nullptr;

  void on_caller_audio(uint64_t timestamp_ms, audio::byte_view pcmu) override {
    told.push_back("audio " + std::to_string(timestamp_ms) + " " + std::to_string(pcmu.size));
  }
  void on_carrier_read_end() override { told.push_back("end"); }
  void on_mark_echo(std::string_view name) override { told.push_back("mark " + std::string(name)); }
  void on_dtmf(char digit) override { told.push_back(std::string("dtmf ") + digit); }
  void on_stream_stop() override { told.push_back("stop"); }
  void on_carrier_closed(const actors::link_close& why) override {
    told.push_back("closed " + std::to_string(why.close_code));
    if (drop_at_close != nullptr)
      drop_at_close->reset();
  }
};

struct fixture {
  test::websocket_log log;
  sink leg;
  std::unique_ptr<actors::carrier_link> link = twilio::make_carrier_link(
      [this](http::websocket_events* events) {
        return std::make_unique<test::fake_websocket>(log, events);
      },
      "MZ01");

  fixture() { link->start(&leg); }

  void receive(std::string_view json) { log.events->on_text(json); }

  static std::string media(const std::string& stream, const std::string& track) {
    return R"({"event":"media","streamSid":")" + stream + R"(","media":{"track":")" + track +
           R"(","timestamp":"20","payload":"AAEC"}})";
  }
};

using texts = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(carrier_socket_tests, fixture)

CAF_TEST(events of the stream reach the leg in order) {
  receive(media("MZ01", "inbound"));
  receive(R"({"event":"mark","streamSid":"MZ01","mark":{"name":"i7:1200"}})");
  receive(R"({"event":"dtmf","streamSid":"MZ01","dtmf":{"track":"inbound_track","digit":"#"}})");
  receive(R"({"event":"stop","streamSid":"MZ01","stop":{}})");
  log.events->on_read_end();
  CAF_CHECK_EQUAL(leg.told, (texts{"audio 20 3", "mark i7:1200", "dtmf #", "stop", "end"}));
}

CAF_TEST(what is not of the call is passed over) {
  receive(media("MZ02", "inbound"));
  receive(media("MZ01", "outbound"));
  receive(R"({"event":"connected","protocol":"Call"})");
  receive(R"({"event":"start","streamSid":"MZ01","start":{"callSid":"CA01"}})");
  receive(R"({"event":"news","streamSid":"MZ01"})");
  CAF_CHECK(leg.told.empty());
  CAF_CHECK(log.closes.empty());
}

CAF_TEST(too many unreadable messages in a row close the socket once) {
  uint32_t bound = defaults::twilio::bad_messages_in_a_row_max;
  for (uint32_t i = 0; i + 1 < bound; ++i)
    receive("{");
  receive(media("MZ01", "inbound"));
  for (uint32_t i = 0; i + 1 < bound; ++i)
    log.events->on_binary(10);
  CAF_CHECK(log.closes.empty());
  receive("nonsense");
  receive("nonsense");
  CAF_REQUIRE_EQUAL(log.closes.size(), 1u);
  CAF_CHECK_EQUAL(log.closes[0].first, 1007u);
}

CAF_TEST(commands become messages of the stream) {
  link->send_audio(audio::byte_view(std::string_view("\xFF\xFE\xFE\xFF")));
  link->send_mark("m1");
  link->send_clear();
  CAF_CHECK_EQUAL(log.flushes, 0);
  link->flush();
  CAF_CHECK_EQUAL(log.flushes, 1);
  CAF_CHECK_EQUAL(log.sent,
                  (texts{R"({"event":"media","streamSid":"MZ01","media":{"payload":"//7+/w=="}})",
                         R"({"event":"mark","streamSid":"MZ01","mark":{"name":"m1"}})",
                         R"({"event":"clear","streamSid":"MZ01"})"}));
}

CAF_TEST(long audio is sent in several messages and none in no message) {
  audio::byte_buffer audio(defaults::twilio::media_bytes_max + 1, 0xFF);
  link->send_audio(audio);
  CAF_CHECK_EQUAL(log.sent.size(), 2u);
  log.sent.clear();
  link->send_audio({});
  CAF_CHECK(log.sent.empty());
}

CAF_TEST(the leg may drop the link when it is told of the end) {
  leg.drop_at_close = &link;
  actors::link_close why;
  why.close_code = 1001;
  log.events->on_closed(why);
  CAF_CHECK_EQUAL(leg.told, (texts{"closed 1001"}));
  CAF_CHECK(!log.alive);
}

CAF_TEST(a detached leg hears nothing and may come back) {
  link->start(nullptr);
  receive(media("MZ01", "inbound"));
  log.events->on_read_end();
  CAF_CHECK(leg.told.empty());
  link->start(&leg);
  log.events->on_read_end();
  CAF_CHECK_EQUAL(leg.told, (texts{"end"}));
}

CAF_TEST(close is passed on) {
  link->close(1000, "done");
  CAF_REQUIRE_EQUAL(log.closes.size(), 1u);
  CAF_CHECK_EQUAL(log.closes[0].first, 1000u);
  CAF_CHECK_EQUAL(log.closes[0].second, "done");
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(a link that was never started opens no socket) {
  bool opened = false;
  auto link = twilio::make_carrier_link(
      [&](http::websocket_events*) {
        opened = true;
        return std::unique_ptr<http::websocket>();
      },
      "MZ01");
  link->start(nullptr);
  link->send_clear();
  link->flush();
  link->close(1000, "");
  CAF_CHECK(!opened);
}
