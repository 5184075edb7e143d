#define CAF_SUITE sse
#define FAIL CAF_FAIL

#include "conf/defaults/http.hpp"
#include "http/sse_hub.hpp"
#include "tests/http/server_fixture.hpp"

#include <unistd.h>

#include <fstream>
#include <thread>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;
using namespace switchboard::http::testing;
namespace limits = defaults::http;

namespace {

actors::feed_event error_event(const std::string& message) {
  actors::feed_event event;
  event.type = actors::feed_type::error;
  event.data = actors::feed_error{"TEST", message};
  return event;
}

actors::feed_event_ptr numbered(uint64_t sequence, const std::string& message = "m",
                                const std::string& call_id = {}) {
  auto event = error_event(message);
  event.call_id = call_id;
  event.sequence = sequence;
  return std::make_shared<const actors::feed_event>(std::move(event));
}

/// A stream that takes writes when the test says so.
struct manual_stream : response_stream {
  std::string text;
  std::vector<part> parts;
  std::vector<std::function<void(bool)>> pending;
  std::function<void()> gone;
  bool finished = false;
  bool aborted = false;
  void write(std::vector<part> given, std::function<void(bool)> done) override {
    for (auto& one : given)
      text += *one;
    parts.insert(parts.end(), given.begin(), given.end());
    pending.push_back(std::move(done));
  }
  void finish() override { finished = true; }
  void abort() override { aborted = true; }
  void on_closed(std::function<void()> told) override { gone = std::move(told); }
  void take(bool ok = true) {
    auto all = std::exchange(pending, {});
    for (auto& done : all)
      done(ok);
  }
};

class manual_sink : public exchange_sink {
public:
  manual_sink(std::shared_ptr<manual_stream> to, int* status)
      : to_(std::move(to)), status_(status) {}
  void answer(const http_request&, http_response&& given) override { *status_ = given.status; }
  std::shared_ptr<response_stream> stream(const http_request&, http_response&& head) override {
    *status_ = head.status;
    return to_;
  }
  std::optional<taken_socket> take_socket() override { return std::nullopt; }

private:
  std::shared_ptr<manual_stream> to_;
  int* status_;
};

struct hub_fixture {
  actors::node_state_ptr state = std::make_shared<actors::node_state>();
  int rendered = 0;
  sse_hub hub{"b007",
              [this] {
                ++rendered;
                return link_maker{"http://h", "key of the test is long", 0};
              },
              state};
  int status = 0;

  std::shared_ptr<manual_stream> join(const std::string& last_id = {}) {
    auto stream = std::make_shared<manual_stream>();
    http_request request;
    request.method = "GET";
    if (!last_id.empty())
      request.headers = {{"Last-Event-ID", last_id}};
    hub.join(std::make_shared<exchange>(std::move(request),
                                        std::make_unique<manual_sink>(stream, &status)));
    return stream;
  }
};

const std::string greeting =
    "retry: 3000\n\n"
    "data: {\"type\":\"connected\",\"message\":\"Connected to status updates\"}\n\n";

bool wait_for(const std::function<bool()>& ready) {
  for (int i = 0; i < 500 && !ready(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  return ready();
}

long resident_kib() {
  std::ifstream in{"/proc/self/status"};
  for (std::string line; std::getline(in, line);)
    if (line.rfind("VmRSS:", 0) == 0)
      return std::stol(line.substr(6));
  return 0;
}

size_t count(const std::string& text, std::string_view part) {
  size_t found = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size())
    ++found;
  return found;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(hub_tests, hub_fixture)

CAF_TEST(the first event is the greeting byte for byte) {
  CAF_CHECK_EQUAL(join()->text, greeting);
}

CAF_TEST(updates have ids and their data on one line) {
  auto stream = join();
  stream->take();
  hub.publish(numbered(1, "two\nlines"));
  CAF_CHECK_EQUAL(stream->text,
                  greeting +
                      "id: b007-1\ndata: {\"type\":\"error\",\"callId\":null,\"streamSid\":null,"
                      "\"data\":{\"code\":\"TEST\",\"message\":\"two\\nlines\"},"
                      "\"timestamp\":\"1970-01-01T00:00:00.000Z\"}\n\n");
}

CAF_TEST(a new client gets the last hundred and one that comes back what it missed) {
  for (uint64_t n = 1; n <= 150; ++n)
    hub.publish(numbered(n));
  auto text = join()->text;
  CAF_CHECK_EQUAL(count(text, "id: b007-"), 100u);
  CAF_CHECK(text.find("id: b007-51\n") != std::string::npos);
  CAF_CHECK(text.find("id: b007-50\n") == std::string::npos);
  CAF_CHECK_EQUAL(count(join("b007-148")->text, "id: "), 2u);
  CAF_CHECK_EQUAL(count(join("b007-150")->text, "id: "), 0u);
  CAF_CHECK_EQUAL(count(join("beef-148")->text, "id: "), 100u); // another process's
  CAF_CHECK_EQUAL(count(join("b007-abc")->text, "id: "), 100u);
  CAF_CHECK_EQUAL(count(join("b007-")->text, "id: "), 100u);
}

CAF_TEST(while a write is under way updates wait and then go together) {
  auto stream = join();
  hub.publish(numbered(1));
  hub.publish(numbered(2));
  CAF_CHECK_EQUAL(stream->text, greeting);
  CAF_CHECK_EQUAL(stream->pending.size(), 1u);
  stream->take();
  CAF_CHECK_EQUAL(count(stream->text, "id: "), 2u);
  CAF_CHECK_EQUAL(stream->pending.size(), 1u);
}

CAF_TEST(a client that takes nothing is dropped at the bound and the others go on) {
  auto slow = join();
  auto quick = join();
  const std::string big(100'000, 'x');
  for (uint64_t n = 1; n <= 12; ++n) {
    hub.publish(numbered(n, big));
    quick->take();
    quick->take();
  }
  CAF_CHECK(slow->aborted);
  CAF_CHECK(!quick->aborted);
  CAF_CHECK_EQUAL(hub.clients(), 1u);
  CAF_CHECK_EQUAL(state->event_clients_dropped.load(), 1u);
  CAF_CHECK_EQUAL(count(quick->text, "id: "), 12u);
}

CAF_TEST(an erased call is replayed to nobody and sent to nobody who waits for it) {
  auto busy = join(); // its greeting is on the way, what follows waits
  for (uint64_t n = 1; n <= 4; ++n)
    hub.publish(numbered(n, "of " + std::to_string(n), n % 2 == 1 ? "gone" : "kept"));
  hub.forget("gone");
  busy->take();
  for (auto& text : {busy->text, join()->text, join("b007-1")->text}) {
    CAF_CHECK_EQUAL(count(text, "id: b007-"), 2u);
    CAF_CHECK_EQUAL(count(text, "gone"), 0u);
    CAF_CHECK(text.find("of 2") != std::string::npos && text.find("of 4") != std::string::npos);
  }
  hub.publish(numbered(5));
  busy->take();
  CAF_CHECK_EQUAL(count(busy->text, "id: b007-5\n"), 1u); // its queue goes on as before
}

CAF_TEST(a client that is gone is forgotten) {
  auto closed = join();
  auto failed = join();
  closed->gone();
  failed->take(false);
  CAF_CHECK_EQUAL(hub.clients(), 0u);
  hub.publish(numbered(1));
}

CAF_TEST(keepalives come when nothing else does) {
  auto stream = join();
  stream->take();
  auto now = std::chrono::steady_clock::now();
  hub.on_tick(now + limits::sse_keepalive / 2);
  CAF_CHECK_EQUAL(count(stream->text, ": keepalive\n\n"), 0u);
  hub.on_tick(now + limits::sse_keepalive * 2);
  CAF_CHECK_EQUAL(count(stream->text, ": keepalive\n\n"), 1u);
  hub.on_tick(now + limits::sse_keepalive * 2);
  CAF_CHECK_EQUAL(count(stream->text, ": keepalive\n\n"), 1u);
  CAF_CHECK(limits::sse_keepalive <= std::chrono::seconds{30});
  CAF_CHECK(limits::sse_keepalive < limits::answer_deadline);
}

CAF_TEST(a thousand clients share one text of each update and of what is replayed) {
  for (uint64_t n = 1; n <= 100; ++n)
    hub.publish(numbered(n));
  std::vector<std::shared_ptr<manual_stream>> all;
  for (int i = 0; i < 1000; ++i) {
    all.push_back(join());
    all.back()->take();
  }
  hub.publish(numbered(101));
  CAF_CHECK_EQUAL(rendered, 101);
  for (auto& one : all) {
    CAF_REQUIRE_EQUAL(one->parts.size(), 102u);
    for (size_t i = 0; i < 102; ++i)
      CAF_REQUIRE_EQUAL(one->parts[i].get(), all[0]->parts[i].get());
  }
}

CAF_TEST(a client that takes nothing holds no more than its bound and what is replayed) {
  const std::string big(10'000, 'x');
  for (uint64_t n = 1; n <= 100; ++n)
    hub.publish(numbered(n, big));
  auto slow = join();
  size_t bytes = 0;
  for (uint64_t n = 101; !slow->aborted; ++n) {
    hub.publish(numbered(n, big));
    bytes += big.size();
    CAF_REQUIRE(bytes <= limits::sse_queue_bytes_max + big.size());
  }
  CAF_CHECK(bytes > limits::sse_queue_bytes_max / 2);
  CAF_CHECK_EQUAL(slow->pending.size(), 1u); // nothing more went to its socket
}

CAF_TEST(a client that comes back after the replay is still given all that is kept) {
  for (uint64_t n = 1; n <= 300; ++n)
    hub.publish(numbered(n));
  CAF_CHECK_EQUAL(count(join("b007-5")->text, "id: "), 100u);
  CAF_CHECK_EQUAL(count(join("b007-999")->text, "id: "), 0u);
  CAF_CHECK_EQUAL(count(join("b007-18446744073709551616")->text, "id: "), 100u); // no number
}

CAF_TEST(there is a bound on clients) {
  std::vector<std::shared_ptr<manual_stream>> all;
  for (size_t i = 0; i < limits::sse_clients_max; ++i)
    all.push_back(join());
  CAF_CHECK_EQUAL(status, 200);
  join();
  CAF_CHECK_EQUAL(status, 503);
  hub.close();
  CAF_CHECK_EQUAL(hub.clients(), 0u);
  CAF_CHECK(all[0]->finished);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(updates reach clients over the wire in chunks) {
  running_server node;
  client first{node.port()};
  first.send("GET /api/status HTTP/1.1\r\nHost: x\r\n\r\n");
  auto head = first.read_until("\r\n\r\n");
  CAF_CHECK(head.find("Content-Type: text/event-stream\r\n") != std::string::npos);
  CAF_CHECK(head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CAF_CHECK(head.find("Content-Length") == std::string::npos);
  CAF_CHECK(first.read_until("updates\"}\n\n").find("retry: ") != std::string::npos);
  caf::anon_send(node.feed, atom::publish_v, error_event("one"));
  auto text = first.read_until("\n\n\r\n");
  CAF_CHECK(text.find("\"message\":\"one\"") != std::string::npos ||
            first.read_until("\n\n\r\n").find("\"message\":\"one\"") != std::string::npos);
  client second{node.port()};
  second.send("GET /api/status HTTP/1.0\r\n\r\n");
  head = second.read_until("\r\n\r\n");
  CAF_CHECK(head.find("Transfer-Encoding") == std::string::npos);
  CAF_CHECK(head.find("Content-Length") == std::string::npos);
  CAF_CHECK(second.read_until("\"message\":\"one\"").find("id: ") != std::string::npos);
}

CAF_TEST(a client that closes is noticed without an update) {
  running_server node;
  auto stays = std::make_unique<client>(node.port());
  {
    client leaves{node.port()};
    for (auto* c : {stays.get(), &leaves}) {
      c->send("GET /api/status HTTP/1.1\r\nHost: x\r\n\r\n");
      c->read_until("updates\"}\n\n");
    }
    CAF_CHECK_EQUAL(node.state->event_clients.load(), 2u);
  }
  CAF_CHECK(wait_for([&] { return node.state->event_clients == 1; }));
  stays.reset();
  CAF_CHECK(wait_for([&] { return node.state->event_clients == 0; }));
}

CAF_TEST(a thousand clients of which a hundred never read cost bounded memory) {
  running_server node;
  const auto before_kib = resident_kib();
  std::vector<std::unique_ptr<client>> readers, idle;
  for (int i = 0; i < 1000; ++i) {
    auto& group = i % 10 == 0 ? idle : readers;
    group.push_back(std::make_unique<client>(node.port()));
    CAF_REQUIRE(group.back()->connected());
    group.back()->send("GET /api/status HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  CAF_REQUIRE(wait_for([&] { return node.state->event_clients == 1000; }));
  const std::string text(2'000, 'x');
  for (int i = 0; i < 100; ++i)
    caf::anon_send(node.feed, atom::publish_v, error_event(text + std::to_string(i)));
  CAF_CHECK(readers.back()->read_until("x99\"").size() > 100 * text.size());
  CAF_CHECK_EQUAL(node.get("/health").status, 200);
  // Before this process reads what it sent: 1,000 connections of RESTinio and one text of each
  // update, where copies would be 200 MiB. (AddressSanitizer keeps what was freed.)
#if defined(__SANITIZE_ADDRESS__)
  CAF_MESSAGE("no bound under AddressSanitizer: " << resident_kib() - before_kib << " KiB");
#else
  CAF_CHECK_LESS(resident_kib() - before_kib, 64 * 1024);
#endif
  readers.pop_back();
  for (auto& reader : readers)
    CAF_REQUIRE(reader->read_until("x99\"").size() > 100 * text.size());
}

CAF_TEST(a client that never reads does not slow the others) {
  running_server node;
  client idle{node.port()}, reader{node.port()};
  for (auto* c : {&idle, &reader})
    c->send("GET /api/status HTTP/1.1\r\nHost: x\r\n\r\n");
  reader.read_until("updates\"}\n\n");
  const std::string big(50'000, 'x');
  for (int i = 0; i < 200; ++i) {
    caf::anon_send(node.feed, atom::publish_v, error_event(big + std::to_string(i)));
    CAF_REQUIRE(reader.read_until("x" + std::to_string(i) + "\"").size() > big.size());
  }
  CAF_CHECK_EQUAL(node.get("/health").status, 200);
  CAF_CHECK(idle.closed()); // dropped: what lies in its socket is read, then the end
}
