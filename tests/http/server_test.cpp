#define CAF_SUITE server
#define FAIL CAF_FAIL

#include "http/twilio/signature.hpp"
#include "http/websocket.hpp"
#include "tests/http/server_fixture.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <future>
#include <thread>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;
using namespace switchboard::http::testing;

namespace {

constexpr const char* form_type = "application/x-www-form-urlencoded";
constexpr const char* upgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

std::string incoming(const std::string& sid) {
  return "CallSid=" + sid +
         "&AccountSid=AC1&From=%2B15550001&To=%2B15550002&FromCity=SAN+JOS%C3%89"
         "&FromCountry=US&Direction=inbound";
}

std::string attribute(const std::string& xml, const std::string& name) {
  auto at = xml.find("name=\"" + name + "\" value=\"");
  if (at == std::string::npos)
    return "";
  at += name.size() + 15;
  return xml.substr(at, xml.find('"', at) - at);
}

std::string start_message(const std::string& sid, const std::string& parameters) {
  return R"({"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":{"streamSid":"MZ1",)"
         R"("accountSid":"AC1","callSid":")" +
         sid + R"(","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw",)" +
         R"("sampleRate":8000,"channels":1},"customParameters":{)" + parameters + "}}}";
}

constexpr const char* connected = R"({"event":"connected","protocol":"Call","version":"1.0.0"})";

/// Collects what an attached stream delivers.
struct collector : websocket_events {
  std::vector<std::string> texts;
  void on_open() override {}
  void on_text(std::string_view text) override { texts.emplace_back(text); }
  void on_binary(size_t) override {}
  void on_read_end() override {}
  void on_closed(const actors::link_close&) override {}
};

size_t open_descriptors() {
  size_t count = 0;
  auto* folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr)
    ++count;
  ::closedir(folder);
  return count;
}

} // namespace

CAF_TEST(one connection serves many requests) {
  running_server node;
  client c{node.port()};
  for (int i = 0; i < 3; ++i) {
    auto answer = c.ask("GET /health");
    CAF_CHECK_EQUAL(answer.status, 200);
    CAF_CHECK(answer.body.find(R"({"status":"ok","uptime":)") == 0);
    CAF_CHECK_EQUAL(answer.header("connection"), "keep-alive");
    CAF_CHECK_EQUAL(answer.header("date").size(), 29u);
  }
  CAF_CHECK_EQUAL(c.ask("HEAD /health").body, "");
  CAF_CHECK_EQUAL(c.ask("GET /nope").status, 404);
  CAF_CHECK_EQUAL(c.ask("OPTIONS /health").status, 204);
  CAF_CHECK_EQUAL(c.ask("GET /ready").status, 200);
  c.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /nope HTTP/1.1\r\nHost: x\r\n\r\n"
         "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
  CAF_CHECK_EQUAL(c.read_reply().status, 200);
  CAF_CHECK_EQUAL(c.read_reply().status, 404);
  CAF_CHECK_EQUAL(c.read_reply().status, 200);
}

CAF_TEST(our limits answer before RESTinio closes) {
  running_server node;
  auto big = std::string(1024 * 1024, 'a');
  CAF_CHECK_EQUAL(node.post("/api/calls/x/notes", form_type, big).status, 413);
  CAF_CHECK_EQUAL(node.get("/health?" + std::string(16'300, 'a')).status, 200);
  CAF_CHECK_EQUAL(node.get("/health?" + std::string(17'000, 'a')).status, 414);
  CAF_CHECK_EQUAL(node.get("/health", "X-Big: " + std::string(65'000, 'a') + "\r\n").status, 200);
  CAF_CHECK_EQUAL(node.get("/health", "X-Big: " + std::string(70'000, 'a') + "\r\n").status, 431);
  std::string many;
  for (int i = 0; i < 990; ++i)
    many += "a:\r\n";
  CAF_CHECK_EQUAL(node.get("/health", many).status, 200);
  for (int i = 0; i < 15'000; ++i)
    many += "a:\r\n";
  CAF_CHECK_EQUAL(node.get("/health", many).status, 431);
  // Chunks of one byte each: 200,000 of them are a body that is too long.
  std::string chunks;
  for (int i = 0; i < 200'000; ++i)
    chunks += "1\r\na\r\n";
  client chunked{node.port()};
  chunked.send("POST /api/calls/x/notes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
               chunks + "0\r\n\r\n");
  CAF_CHECK_EQUAL(chunked.read_reply().status, 413);
  client parts{node.port()};
  parts.send("POST /api/calls/x/notes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
             "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"n\r\na\r\notes\": \"y\"\r\n1\r\n}\r\n0\r\n"
             "X-Trailer: z\r\n\r\n");
  CAF_CHECK_EQUAL(parts.read_reply().status, 404);
  client garbage{node.port()};
  garbage.send("\x01\x02 nonsense\r\n\r\n");
  CAF_CHECK_EQUAL(garbage.read_reply().status, 400);
  CAF_CHECK(garbage.closed());
  CAF_CHECK_EQUAL(node.get("/health").status, 200);
}

CAF_TEST(an upgrade elsewhere is answered and the connection closed) {
  running_server node;
  client c{node.port()};
  auto answer = c.ask("GET /health", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n");
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK_EQUAL(answer.header("connection"), "close");
  CAF_CHECK(c.closed());
  client streams{node.port()};
  CAF_CHECK_EQUAL(streams.ask("GET /streams").status, 426);
  CAF_CHECK_EQUAL((client{node.port()}.ask("GET /other", upgrade).status), 404);
}

CAF_TEST(a call goes from webhook to its line) {
  running_server node;
  auto answer = node.post("/twilio/incoming-call", form_type, incoming("CA1"));
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK(answer.header("content-type").find("text/xml") == 0);
  CAF_CHECK(answer.body.find("<Stream url=\"ws://127.0.0.1/streams\"") != std::string::npos);
  CAF_CHECK(answer.body.find("action=\"http://127.0.0.1/twilio/stream-ended\"") !=
            std::string::npos);
  CAF_CHECK_EQUAL(attribute(answer.body, "from"), "+15550001");
  CAF_CHECK_EQUAL(attribute(answer.body, "city"), "SAN JOS\xC3\x89");
  CAF_CHECK_EQUAL(attribute(answer.body, "callId"), "call-1");
  auto ticket = attribute(answer.body, "ticket");
  CAF_REQUIRE(!ticket.empty());
  auto again = node.post("/twilio/incoming-call", form_type, incoming("CA1"));
  CAF_CHECK_EQUAL(attribute(again.body, "ticket"), ticket);

  client stream{node.port()};
  CAF_REQUIRE_EQUAL(stream.ask("GET /streams", upgrade).status, 101);
  stream.send_text_frame(connected);
  stream.send_text_frame(start_message("CA1", R"("ticket":")" + ticket + "\""));
  stream.send_text_frame("the first media");
  auto given = node.await_stream();
  CAF_REQUIRE(given.socket != nullptr);
  CAF_CHECK_EQUAL(given.line, 1u);
  CAF_CHECK(given.on_its_line);
  CAF_CHECK_EQUAL(given.grant.call_id, "call-1");
  CAF_CHECK_EQUAL(given.start.stream_sid, "MZ1");
  CAF_CHECK_EQUAL(given.start.call_sid, "CA1");

  // What came after `start` is not lost, and the socket works on its line.
  auto& line = *node.media_lines[1];
  auto events = std::make_shared<collector>();
  auto socket = std::make_shared<std::unique_ptr<websocket>>();
  auto boxed = std::make_shared<detached_websocket_ptr>(std::move(given.socket));
  line.post([&line, events, socket, boxed] {
    *socket = websocket::attach(line.io(), line.ticks(), std::move(*boxed), {}, events.get());
    (*socket)->send_text("hello");
    (*socket)->flush();
  });
  int opcode = 0;
  CAF_CHECK_EQUAL(stream.read_frame(opcode), "hello");
  std::promise<std::vector<std::string>> seen;
  line.post([&] {
    line.post([&] {
      seen.set_value(events->texts);
      socket->reset();
    });
  });
  auto texts = seen.get_future().get();
  CAF_REQUIRE_EQUAL(texts.size(), 1u);
  CAF_CHECK_EQUAL(texts[0], "the first media");

  // A ticket is good once.
  client second{node.port()};
  CAF_REQUIRE_EQUAL(second.ask("GET /streams", upgrade).status, 101);
  second.send_text_frame(start_message("CA1", R"("ticket":")" + ticket + "\""));
  auto close = second.read_frame(opcode);
  CAF_CHECK_EQUAL(opcode, 8);
  CAF_CHECK_EQUAL(close.substr(0, 2), "\x03\xF0"); // 1008
}

CAF_TEST(streams that may not in are closed with 1008) {
  running_server node{[](conf::config& c) { c.twilio_validate_signature = true; }};
  auto refused_with = [&node](const std::vector<std::string>& messages) {
    client stream{node.port()};
    if (stream.ask("GET /streams", upgrade).status != 101)
      return std::string{"no upgrade"};
    for (auto& message : messages)
      stream.send_text_frame(message);
    int opcode = 0;
    auto payload = stream.read_frame(opcode);
    return opcode == 8 && payload.substr(0, 2) == "\x03\xF0" ? std::string{"1008"} : payload;
  };
  CAF_CHECK_EQUAL(refused_with({start_message("CA1", "")}), "1008");
  CAF_CHECK_EQUAL(refused_with({start_message("CA1", R"("ticket":"1.2.CA1.x")")}), "1008");
  CAF_CHECK_EQUAL(refused_with({"not json"}), "1008");
  CAF_CHECK_EQUAL(refused_with({connected, connected, connected, connected, connected}), "1008");
  CAF_CHECK_EQUAL(refused_with({R"({"event":"stop","streamSid":"MZ1","stop":{"callSid":"CA1"}})"}),
                  "1008");
  {
    std::lock_guard<std::mutex> guard{node.fake->mutex};
    CAF_CHECK(node.fake->claimed.empty());
  }
  auto bad = client{node.port()}.ask("GET /streams",
                                     std::string{upgrade} + "X-Twilio-Signature: bm9wZQ==\r\n");
  CAF_CHECK_EQUAL(bad.status, 403);
  CAF_CHECK_EQUAL(bad.code(), "INVALID_SIGNATURE");
}

CAF_TEST(without validation a stream needs no ticket) {
  running_server node;
  client stream{node.port()};
  CAF_REQUIRE_EQUAL(stream.ask("GET /streams", upgrade).status, 101);
  stream.send_text_frame(start_message("CA9", R"("from":"+1","to":"+2")"));
  auto given = node.await_stream();
  CAF_REQUIRE(given.socket != nullptr);
  std::lock_guard<std::mutex> guard{node.fake->mutex};
  CAF_REQUIRE_EQUAL(node.fake->claimed.size(), 1u);
  CAF_CHECK_EQUAL(node.fake->claimed[0].facts->from, "+1");
  CAF_CHECK_EQUAL(node.fake->claimed[0].nonce, "");
}

CAF_TEST(webhooks are checked by their signature) {
  running_server node{[](conf::config& c) {
    c.twilio_validate_signature = true;
    c.public_url = "https://calls.example";
  }};
  auto body = incoming("CA1");
  auto signature =
      twilio::expected_signature(node.config.twilio_webhook_secrets[0],
                                 "https://calls.example/twilio/incoming-call", parse_form(body));
  auto good = node.post("/twilio/incoming-call", form_type, body,
                        "X-Twilio-Signature: " + signature + "\r\n");
  CAF_CHECK_EQUAL(good.status, 200);
  CAF_CHECK(good.body.find("url=\"wss://calls.example/streams\"") != std::string::npos);
  for (auto path : {"/twilio/incoming-call", "/twilio/call-status", "/twilio/stream-ended",
                    "/twilio/stream-status"}) {
    auto bad = node.post(path, form_type, body, "X-Twilio-Signature: nonsense\r\n");
    CAF_CHECK_EQUAL(bad.status, 403);
    CAF_CHECK_EQUAL(bad.code(), "INVALID_SIGNATURE");
    CAF_CHECK_EQUAL(node.post(path, form_type, body).status, 403);
  }
  CAF_CHECK_EQUAL(node.post("/twilio/incoming-call", form_type, body + "&x=1",
                            "X-Twilio-Signature: " + signature + "\r\n")
                      .status,
                  403);
}

CAF_TEST(a webhook that fails is spoken) {
  running_server node;
  const std::string error = "<Say>An error occurred. Please try again later.</Say><Hangup/>";
  auto says = [&node](const std::string& body, const std::string& headers = {}) {
    auto answer = node.post("/twilio/incoming-call", form_type, body, headers);
    CAF_CHECK_EQUAL(answer.status, 200);
    return answer.body;
  };
  CAF_CHECK(says("From=x").find(error) != std::string::npos);
  node.fake->admit_error = actors::actor_error::database;
  CAF_CHECK(says(incoming("CA1")).find(error) != std::string::npos);
  node.fake->admit_error = actors::actor_error::full;
  auto full = says(incoming("CA1"));
  CAF_CHECK(full.find("<Say>We are sorry") != std::string::npos);
  CAF_CHECK(full.find("<Hangup/>") != std::string::npos);
  node.fake->admit_error = actors::actor_error::none;
  client inject{node.port()};
  auto body = incoming("CA1");
  inject.send("POST /twilio/incoming-call HTTP/1.1\r\nHost: a\"/><Dial>1</Dial>\r\nContent-Type: " +
              std::string{form_type} + "\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  auto answer = inject.read_reply();
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK(answer.body.find(error) != std::string::npos);
}

CAF_TEST(callbacks reach the registry) {
  running_server node;
  auto answer = node.post("/twilio/call-status", form_type,
                          "CallSid=CA1&CallStatus=completed&CallDuration=12&SequenceNumber=3");
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK_EQUAL(answer.body, "OK");
  {
    std::lock_guard<std::mutex> guard{node.fake->mutex};
    CAF_REQUIRE_EQUAL(node.fake->callbacks.size(), 1u);
    CAF_CHECK_EQUAL(node.fake->callbacks[0].status, "completed");
    CAF_CHECK_EQUAL(*node.fake->callbacks[0].duration_s, 12);
    CAF_CHECK_EQUAL(*node.fake->callbacks[0].sequence, 3);
  }
  auto over = node.post("/twilio/stream-ended", form_type, "CallSid=CA1");
  CAF_CHECK(over.body.find("<Hangup/>") != std::string::npos);
  {
    std::lock_guard<std::mutex> guard{node.fake->mutex};
    node.fake->next = {actors::after_stream::reconnect, {}};
  }
  over = node.post("/twilio/stream-ended", form_type, incoming("CA1"));
  CAF_CHECK(over.body.find("<Connect") != std::string::npos);
  CAF_CHECK(!attribute(over.body, "ticket").empty());
  {
    std::lock_guard<std::mutex> guard{node.fake->mutex};
    node.fake->next = {actors::after_stream::press_digits, "12#"};
  }
  over = node.post("/twilio/stream-ended", form_type, incoming("CA1"));
  CAF_CHECK(over.body.find("<Play digits=\"12#\"/><Connect") != std::string::npos);
  {
    std::lock_guard<std::mutex> guard{node.fake->mutex};
    node.fake->next = {actors::after_stream::dial, "+15550100009"};
  }
  over = node.post("/twilio/stream-ended", form_type, "CallSid=CA1");
  CAF_CHECK(over.body.find("/twilio/dial-ended\"><Number>+15550100009</Number>") !=
            std::string::npos);
  const auto unanswered =
      node.post("/twilio/dial-ended", form_type, "CallSid=CA1&DialCallStatus=busy");
  CAF_CHECK(unanswered.body.find("<Say>") != std::string::npos);
  const auto talked =
      node.post("/twilio/dial-ended", form_type, "CallSid=CA1&DialCallStatus=completed");
  CAF_CHECK(talked.body.find("<Response><Hangup/>") != std::string::npos);
  CAF_CHECK_EQUAL(node.post("/twilio/stream-status", form_type, "StreamEvent=stream-started").body,
                  "OK");
}

CAF_TEST(a server without descriptors answers when they are back) {
  running_server node;
  CAF_REQUIRE_EQUAL(node.get("/health").status, 200);
  // Clients first: they need descriptors of their own, in this same process.
  std::vector<std::unique_ptr<client>> waiting;
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  auto tight = before;
  tight.rlim_cur = open_descriptors() + 40;
  ::setrlimit(RLIMIT_NOFILE, &tight);
  std::vector<int> wasted;
  for (int fd; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
    wasted.push_back(fd);
  // One descriptor is given back for a client's socket: the server has none to accept it with.
  ::close(wasted.back());
  wasted.pop_back();
  waiting.push_back(std::make_unique<client>(node.port()));
  CAF_CHECK(waiting[0]->connected());
  waiting[0]->send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  for (int i = 0; i < 500 && node.state->listening; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  CAF_CHECK(!node.state->listening);
  for (int fd : wasted)
    ::close(fd);
  ::setrlimit(RLIMIT_NOFILE, &before);
  CAF_CHECK_EQUAL(waiting[0]->read_reply().status, 200);
  CAF_CHECK_EQUAL(node.get("/health").status, 200);
  CAF_CHECK(node.state->listening);
}

CAF_TEST(a listener that is closed takes nobody and keeps who is there) {
  running_server node;
  client kept{node.port()};
  CAF_CHECK_EQUAL(kept.ask("GET /health").status, 200);
  node.served->stop_accepting();
  node.on_http_line([] {});
  CAF_CHECK(!client{node.port()}.connected());
  CAF_CHECK(!node.state->listening);
  CAF_CHECK_EQUAL(kept.ask("GET /health").status, 200);
}

CAF_TEST(stopping ends connections and pending requests) {
  running_server node;
  node.fake->silent = true;
  client waits{node.port()}, idle{node.port()}, events{node.port()}, stream{node.port()};
  CAF_CHECK_EQUAL(idle.ask("GET /health").status, 200);
  auto body = incoming("CA1");
  waits.send(
      "POST /twilio/incoming-call HTTP/1.1\r\nHost: x\r\nContent-Type: " + std::string{form_type} +
      "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  events.send("GET /api/status HTTP/1.1\r\nHost: x\r\n\r\n");
  events.read_until("Connected to status updates");
  CAF_CHECK_EQUAL(stream.ask("GET /streams", upgrade).status, 101);
  auto started = std::chrono::steady_clock::now();
  node.stop();
  CAF_CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds{3});
  CAF_CHECK(idle.closed());
  CAF_CHECK(waits.closed());
  CAF_CHECK(events.closed());
  CAF_CHECK(stream.closed());
}

CAF_TEST(two servers cannot have one port and the problem says so) {
  running_server node;
  std::string problem;
  try {
    running_server other{[&](conf::config& c) { c.port = node.port(); }};
  } catch (const std::runtime_error& e) {
    problem = e.what();
  }
  CAF_CHECK(problem.find("Address already in use") != std::string::npos);
  CAF_CHECK(problem.find(":" + std::to_string(node.port())) != std::string::npos);
}
