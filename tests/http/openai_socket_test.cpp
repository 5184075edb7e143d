#define CAF_SUITE openai_socket
#define FAIL CAF_FAIL
#include "conf/defaults/openai.hpp"
#include "http/openai/model_socket.hpp"
#include "tests/http/fake_websocket.hpp"

#include <string>
#include <vector>

#include <caf/test/dsl.hpp>

using namespace switchboard;

namespace {

using texts = std::vector<std::string>;

struct sink : actors::model_events {
  texts told;
  std::unique_ptr<actors::model_link>* drop_at_close = nullptr;

  void on_model_open() override { told.push_back("open"); }
  void on_model_event(const actors::model_event& event) override {
    told.push_back("event " + event.event_id + " " + std::to_string(event.audio.size()));
  }
  void on_model_read_end() override { told.push_back("end"); }
  void on_model_closed(const actors::link_close& why) override {
    told.push_back("closed " + std::to_string(why.close_code));
    if (drop_at_close != nullptr)
      drop_at_close->reset();
  }
};

struct fixture {
  test::websocket_log log;
  sink leg;
  std::unique_ptr<actors::model_link> link = openai::make_model_link(
      [this](http::websocket_events* events) {
        return std::make_unique<test::fake_websocket>(log, events);
      },
      conf::dialect::ga, &leg);
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(model_socket_tests, fixture)

CAF_TEST(events reach the leg in order) {
  log.events->on_open();
  log.events->on_text(R"({"type":"session.created","event_id":"e1","session":{}})");
  log.events->on_text(R"({"type":"response.output_audio.delta","event_id":"e2","delta":"AAEC"})");
  log.events->on_read_end();
  CAF_CHECK_EQUAL(leg.told, (texts{"open", "event e1 0", "event e2 3", "end"}));
}

CAF_TEST(commands are numbered and written by flush) {
  CAF_CHECK_EQUAL(link->send(actors::cancel_response{"r"}), "sb-1");
  link->append_audio(audio::byte_view(std::string_view("\xFF\xFE\xFE\xFF")));
  CAF_CHECK_EQUAL(link->send(actors::cancel_response{""}), "sb-3");
  CAF_CHECK_EQUAL(log.flushes, 0);
  link->flush();
  CAF_CHECK_EQUAL(log.flushes, 1);
  CAF_CHECK_EQUAL(
      log.sent,
      (texts{R"({"type":"response.cancel","event_id":"sb-1","response_id":"r"})",
             R"({"type":"input_audio_buffer.append","event_id":"sb-2","audio":"//7+/w=="})",
             R"({"type":"response.cancel","event_id":"sb-3"})"}));
}

CAF_TEST(audio over the bound is split and none is not sent) {
  audio::byte_buffer audio(defaults::openai::append_bytes_max + 1, 0);
  link->append_audio(audio);
  CAF_CHECK_EQUAL(log.sent.size(), 2u);
  link->append_audio({});
  CAF_CHECK_EQUAL(log.sent.size(), 2u);
}

CAF_TEST(too many unreadable messages in a row close the socket once) {
  uint32_t bound = defaults::openai::bad_messages_in_a_row_max;
  for (uint32_t i = 0; i + 1 < bound; ++i)
    log.events->on_text("[");
  log.events->on_text(R"({"type":"new"})");
  for (uint32_t i = 0; i + 1 < bound; ++i)
    log.events->on_binary(3);
  CAF_CHECK(log.closes.empty());
  log.events->on_text("");
  log.events->on_text("");
  CAF_REQUIRE_EQUAL(log.closes.size(), 1u);
  CAF_CHECK_EQUAL(log.closes[0].first, 1007u);
  CAF_CHECK_EQUAL(leg.told, (texts{"event  0"}));
}

CAF_TEST(the leg may drop the link when it is told of the end) {
  leg.drop_at_close = &link;
  actors::link_close why;
  why.close_code = 3000;
  log.events->on_closed(why);
  CAF_CHECK_EQUAL(leg.told, (texts{"closed 3000"}));
  CAF_CHECK(!log.alive);
}

CAF_TEST(close is passed on) {
  link->close(1000, "done");
  CAF_REQUIRE_EQUAL(log.closes.size(), 1u);
  CAF_CHECK_EQUAL(log.closes[0].second, "done");
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(the limits are those of a model) {
  auto limits = openai::model_limits();
  CAF_CHECK_EQUAL(limits.message_bytes_max, 16u * 1024 * 1024);
  CAF_CHECK_EQUAL(limits.first_message_timeout.count(), 5000);
  CAF_CHECK_EQUAL(limits.idle_timeout.count(), 0);
  CAF_CHECK_EQUAL(limits.ping_interval.count(), 20'000);
}
