#define CAF_SUITE frame_allocations
#define FAIL CAF_FAIL
#include "audio/base64.hpp"
#include "http/openai/model_socket.hpp"
#include "http/twilio/carrier_socket.hpp"
#include "tests/http/allocation_count.hpp"
#include "tests/http/websocket_fixture.hpp"

#include <memory>
#include <string>
#include <utility>

#include <caf/test/dsl.hpp>

// A frame from one real socket to the other: poller, read, unmasking, parsing, base64, encoding,
// masking and write. The legs between the two links have a test of their own
// (tests/actors/media_path_test.cpp).

using namespace switchboard;
using namespace switchboard::http;
using testing::raw_socket;

namespace {

constexpr size_t frame_bytes = 160;
constexpr int frames = 1'000;

/// Passes what one link brings on to the other, as the legs of a call do.
struct bridge : actors::carrier_events, actors::model_events {
  std::unique_ptr<actors::carrier_link> carrier;
  std::unique_ptr<actors::model_link> model;
  size_t caller_bytes = 0, agent_bytes = 0;
  bool opened = false;

  void on_caller_audio(uint64_t, audio::byte_view pcmu) override {
    caller_bytes += pcmu.size;
    model->append_audio(pcmu);
  }
  void on_carrier_read_end() override { model->flush(); }
  void on_mark_echo(std::string_view) override {}
  void on_dtmf(char) override {}
  void on_stream_stop() override {}
  void on_carrier_closed(const actors::link_close&) override {}
  void on_model_open() override { opened = true; }
  void on_model_event(const actors::model_event& event) override {
    agent_bytes += event.audio.size();
    carrier->send_audio(event.audio);
  }
  void on_model_read_end() override { carrier->flush(); }
  void on_model_closed(const actors::link_close&) override {}
};

/// One frame of sound, as base64; each different from the next, as sound is.
std::string sound(int number) {
  std::string text;
  const std::string bytes(frame_bytes, static_cast<char>('0' + number % 70));
  audio::base64_append(text, audio::byte_view(std::string_view{bytes}));
  return text;
}

std::string caller_message(int number) {
  const auto n = std::to_string(10'000 + number);
  return R"({"event":"media","sequenceNumber":")" + n +
         R"(","media":{"track":"inbound","chunk":")" + n + R"(","timestamp":")" +
         std::to_string(200'000 + number * 20) + R"(","payload":")" + sound(number) +
         R"("},"streamSid":"MZ0123456789abcdef0123456789abcdef"})";
}

std::string model_message(int number) {
  return R"({"type":"response.output_audio.delta","event_id":"event_)" +
         std::to_string(10'000 + number) +
         R"(","response_id":"resp_0123456789abcdef","item_id":"item_0123456789abcdef",)"
         R"("output_index":0,"content_index":0,"delta":")" +
         sound(number) + R"("})";
}

struct fixture {
  testing::event_loop loop;
  testing::raw_listener listener;
  bridge call;
  raw_socket carrier, model; // the far ends

  fixture() {
    call.carrier = twilio::make_carrier_link(
        [&](websocket_events* events) {
          auto [near, far] = testing::connected_pair();
          carrier = std::move(near);
          return accept(far.release(), testing::upgrade_request(), events);
        },
        "MZ0123456789abcdef0123456789abcdef");
    call.carrier->start(&call);
    read_head(carrier);
    websocket_target target;
    target.host = "127.0.0.1";
    target.port = listener.port();
    target.resource = "/v1/realtime";
    call.model = openai::make_model_link(
        [&](websocket_events* events) {
          return websocket::connect(loop.io, loop.ticker, target, nullptr, openai::model_limits(),
                                    events);
        },
        conf::dialect::ga, &call);
    loop.settle();
    model = listener.accept();
    CAF_REQUIRE(model.send(answer_to(read_head(model))));
    CAF_REQUIRE(loop.until([&] { return call.opened; }));
  }

  std::unique_ptr<websocket> accept(int handle, std::string head, websocket_events* events) {
    return websocket::accept(loop.io, loop.ticker, handle, std::move(head), {}, {}, events);
  }

  /// What a server of ours answers to an upgrade.
  std::string answer_to(std::string head) {
    auto [near, far] = testing::connected_pair();
    testing::recorder ignored;
    const auto server = accept(far.release(), std::move(head), &ignored);
    return read_head(near);
  }

  std::string read_head(raw_socket& peer) {
    CAF_REQUIRE(loop.until([&] {
      peer.pump();
      return peer.received.find("\r\n\r\n") != std::string::npos;
    }));
    return std::exchange(peer.received, {});
  }

  /// Sends `make(number)` into `from` until all of it has come out of `to`, frame by frame.
  /// @returns how often memory was asked for while the links were at work.
  template <class Make>
  size_t pass(raw_socket& from, raw_socket& to, int first, int count, Make make) {
    size_t asked = 0;
    for (int i = first; i < first + count; ++i) {
      testing::frame frame{testing::text, make(i)};
      frame.masked = &from == &carrier; // a client masks, a server does not (RFC 6455, 5.1)
      const auto bytes = frame.bytes();
      to.received.clear();
      CAF_REQUIRE(from.send(bytes));
      CAF_REQUIRE(loop.until([&] {
        const auto before = test::allocations();
        loop.settle();
        asked += test::allocations() - before;
        to.pump();
        return to.received.size() > frame_bytes;
      }));
    }
    return asked;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(frame_allocations_tests, fixture)

CAF_TEST(a frame of the caller costs no memory from one socket to the other) {
  pass(carrier, model, 0, 50, caller_message); // what is made once
  CAF_CHECK_EQUAL(pass(carrier, model, 50, frames, caller_message), 0u);
  CAF_CHECK_EQUAL(call.caller_bytes, (frames + 50) * frame_bytes);
}

CAF_TEST(a frame of the agent costs no memory from one socket to the other) {
  pass(model, carrier, 0, 50, model_message);
  CAF_CHECK_EQUAL(pass(model, carrier, 50, frames, model_message), 0u);
  CAF_CHECK_EQUAL(call.agent_bytes, (frames + 50) * frame_bytes);
}

CAF_TEST_FIXTURE_SCOPE_END()
