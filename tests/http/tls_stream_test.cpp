#define CAF_SUITE tls_stream
#define FAIL CAF_FAIL
#include "conf/defaults/websocket.hpp"
#include "http/websocket_stream.hpp"
#include "tests/http/tls_peer.hpp"

#include <asio/error.hpp>
#include <openssl/ssl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;

namespace {

/// Owns a stream as a connection does: writes what it gets back, and reads on until it is told not
/// to.
struct owner : stream_listener, std::enable_shared_from_this<owner> {
  explicit owner(std::unique_ptr<websocket_stream> s) : stream(std::move(s)) {}

  void on_stream_connected(std::error_code error) override {
    CAF_REQUIRE(!error);
    stream->secure(shared_from_this());
  }
  void on_stream_secured(std::error_code error, const std::string&) override { secured = error; }
  void on_stream_read(std::error_code error, char* bytes, size_t count) override {
    ++reads;
    heard.append(bytes, count);
    largest = std::max(largest, count);
    std::fill_n(bytes, count, '?'); // ours to change
    if (error)
      read_error = error;
    else if (reads_on && !stream->read_on())
      stream->read_some(shared_from_this());
  }
  void on_stream_written(std::error_code error, size_t bytes) override {
    write_error = error;
    unsent.erase(0, bytes);
    if (!unsent.empty() && !error)
      stream->write_some(unsent.data(), unsent.size(), shared_from_this());
  }
  void on_stream_unsent(std::error_code error, const char* rest, size_t count) override {
    write_error = error;
    CAF_CHECK(unsent.empty());
    unsent.assign(rest, count);
    if (!error)
      stream->write_some(unsent.data(), unsent.size(), shared_from_this());
  }
  bool say(const std::string& text) {
    std::error_code error;
    stream->settle();
    return stream->send(text.data(), text.size(), *this, error) == text.size() && !error;
  }
  /// Says so much that the socket is full.
  std::string say_too_much() {
    std::string said;
    for (char c = 'a'; unsent.empty(); c = c == 'z' ? 'a' : static_cast<char>(c + 1)) {
      const std::string block(60'000, c);
      CAF_REQUIRE(say(block));
      said += block;
    }
    return said;
  }

  std::unique_ptr<websocket_stream> stream;
  std::optional<std::error_code> secured;
  std::error_code read_error, write_error;
  std::string heard, unsent;
  size_t reads = 0, largest = 0;
  bool reads_on = true;
};

struct fixture {
  testing::event_loop loop;
  testing::certificate authority = testing::make_authority("test authority");
  testing::certificate own = testing::make_certificate(authority, "IP:127.0.0.1");
  testing::temporary_file ca_file{authority.certificate_pem};
  testing::raw_listener listener;
  std::shared_ptr<owner> client;
  std::unique_ptr<testing::tls_peer> peer;

  ~fixture() {
    if (client) {
      client->stream->drop(drop_mode::abort, client);
      loop.settle();
    }
  }
  void open(int version = TLS1_3_VERSION, const std::string& hurried = {}) {
    client = std::make_shared<owner>(websocket_stream::make_tls(
        loop.io, tls_client_context::create(ca_file.path()), "127.0.0.1"));
    client->stream->connect("127.0.0.1", listener.port(), client);
    loop.settle();
    peer = std::make_unique<testing::tls_peer>(listener.accept(), own, version);
    peer->hurried = hurried;
    CAF_REQUIRE(both_until([&] { return client->secured && peer->secured; }));
    CAF_REQUIRE(!*client->secured);
    client->stream->read_some(client);
  }
  bool both_until(const std::function<bool()>& done) {
    return loop.until([&] {
      peer->pump();
      return done();
    });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(tls_stream_tests, fixture)

CAF_TEST(words pass both ways by either version) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    open(version);
    CAF_CHECK(client->say("over there"));
    peer->send("over here");
    CAF_CHECK(
        both_until([&] { return client->heard == "over here" && peer->received == "over there"; }));
    CAF_CHECK_EQUAL(client->stream->peer(), "127.0.0.1:" + std::to_string(listener.port()));
  }
}

CAF_TEST(words that come with the end of the handshake are the first that are heard) {
  open(TLS1_3_VERSION, "already");
  CAF_CHECK_EQUAL(client->heard, ""); // not from inside read_some()
  peer->send(" and more");
  CAF_CHECK(both_until([&] { return client->heard == "already and more"; }));
  CAF_CHECK(client->say("yes"));
  CAF_CHECK(both_until([&] { return peer->received == "yes"; }));
}

CAF_TEST(all records that one read brings are one read for the owner) {
  open();
  std::string together, words;
  for (int i = 0; i < 20; ++i) {
    words += std::to_string(i) + ",";
    together += peer->encrypt(std::to_string(i) + ",");
  }
  const auto before = client->reads;
  CAF_REQUIRE(peer->wire.send(together));
  CAF_CHECK(loop.until([&] { return client->heard == words; }));
  CAF_CHECK_EQUAL(client->reads, before + 1);
}

CAF_TEST(a record that comes in pieces is heard once it is whole) {
  open();
  const auto record = peer->encrypt("a few words");
  for (size_t i = 0; i < record.size(); ++i) {
    CAF_CHECK_EQUAL(client->heard, "");
    CAF_REQUIRE(peer->wire.send(record.substr(i, 1)));
    loop.settle();
  }
  CAF_CHECK(loop.until([&] { return client->heard == "a few words"; }));
}

CAF_TEST(the largest records arrive in whatever pieces) {
  open();
  std::string all;
  for (int i = 0; i < 40; ++i)
    all += std::string(16'384, static_cast<char>('a' + i % 26));
  const auto records = peer->encrypt(all);
  for (size_t at = 0, piece = 1; at < records.size(); at += piece, piece = piece % 40'000 + 7'919) {
    CAF_REQUIRE(peer->wire.send(records.substr(at, piece)));
    loop.settle();
  }
  CAF_CHECK(loop.until([&] { return client->heard.size() == all.size(); }));
  CAF_CHECK(client->heard == all);
  CAF_CHECK(client->largest <=
            defaults::websocket::read_buffer_bytes + defaults::websocket::tls_record_bytes_max);
}

CAF_TEST(an owner that asks for no more hears nothing until it asks) {
  open();
  client->reads_on = false;
  peer->send("one,");
  CAF_REQUIRE(loop.until([&] { return client->heard == "one,"; }));
  peer->send("two");
  loop.settle();
  CAF_CHECK_EQUAL(client->heard, "one,");
  client->stream->read_some(client);
  CAF_CHECK(loop.until([&] { return client->heard == "one,two"; }));
}

CAF_TEST(what a full socket does not take arrives in order once the peer reads) {
  open();
  const auto said = client->say_too_much();
  CAF_REQUIRE(both_until([&] { return client->unsent.empty(); }));
  CAF_CHECK(client->say("the end"));
  CAF_CHECK(both_until([&] { return peer->received.size() == said.size() + 7; }));
  CAF_CHECK(peer->received == said + "the end");
}

CAF_TEST(keys change in both directions also while the socket is full) {
  open();
  peer->change_keys();
  peer->send("new keys");
  CAF_REQUIRE(loop.until([&] { return client->heard == "new keys"; }));
  const auto said = client->say_too_much();
  peer->change_keys();
  peer->send(" again");
  CAF_REQUIRE(loop.until([&] { return client->heard == "new keys again"; }));
  CAF_REQUIRE(both_until([&] { return client->unsent.empty(); }));
  CAF_CHECK(client->say("!"));
  CAF_CHECK(both_until([&] { return peer->received.size() == said.size() + 1; }));
  CAF_CHECK(peer->received == said + "!");
  CAF_CHECK(!client->read_error);
}

CAF_TEST(a peer that wants another handshake is told no and with a full socket it is lost) {
  open(TLS1_2_VERSION);
  const auto said = client->say_too_much();
  peer->renegotiate();
  CAF_REQUIRE(loop.until([&] { return client->read_error == asio::error::no_buffer_space; }));
  CAF_CHECK(!client->say("more"));
}

CAF_TEST(a goodbye of the peer is the end after its last words) {
  open();
  const auto words = peer->encrypt("bye");
  peer->wire.send(words);
  peer->say_goodbye();
  CAF_CHECK(loop.until([&] { return client->read_error == asio::error::eof; }));
  CAF_CHECK_EQUAL(client->heard, "bye");
}

CAF_TEST(a record that was changed on the way is told as such and nothing of it is heard) {
  open();
  auto record = peer->encrypt("forged");
  record.back() = static_cast<char>(record.back() ^ 1);
  peer->wire.send(record);
  CAF_REQUIRE(loop.until([&] { return static_cast<bool>(client->read_error); }));
  CAF_CHECK(client->read_error != asio::error::eof);
  CAF_CHECK_NOT_EQUAL(client->read_error.message().find("bad record mac"), std::string::npos);
  CAF_CHECK_EQUAL(client->heard, "");
}

CAF_TEST(a peer that vanishes without a goodbye is lost) {
  open();
  peer->wire.close();
  CAF_CHECK(loop.until([&] { return client->read_error == asio::error::eof; }));
}

CAF_TEST(an orderly drop says goodbye and an abort does not ) {
  for (const auto mode : {drop_mode::orderly, drop_mode::abort}) {
    open();
    CAF_CHECK(client->say("last words"));
    client->stream->drop(mode, client);
    loop.settle();
    CAF_CHECK(loop.until([&] {
      peer->pump();
      return peer->wire.ended || peer->wire.error != 0;
    }));
    CAF_CHECK_EQUAL(peer->goodbye, mode == drop_mode::orderly);
    client = nullptr;
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
