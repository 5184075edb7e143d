#define CAF_SUITE recording
#define FAIL CAF_FAIL

#include "conf/defaults/http.hpp"
#include "http/recording_file.hpp"
#include "tests/http/server_fixture.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;
using namespace switchboard::http::testing;

namespace {

std::string pattern(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<char>(i * 7 + i / 251);
  return bytes;
}

struct fixture {
  running_server node;
  std::string content = pattern(1'000'003); // four chunks, the last one short

  fixture() {
    ::mkdir((node.folder + "/day").c_str(), 0700);
    std::ofstream{node.folder + "/day/a.wav", std::ios::binary} << content;
    add("a", "day/a.wav");
    add("gone", "day/gone.wav");
    add("out", "../../etc/passwd");
    add("abs", "/etc/passwd");
    CAF_REQUIRE_EQUAL(::symlink("/etc/passwd", (node.folder + "/link.wav").c_str()), 0);
    CAF_REQUIRE_EQUAL(::symlink("/etc", (node.folder + "/etc").c_str()), 0);
    add("link", "link.wav");
    add("dirlink", "etc/passwd");
    add("dir", "day");
    add("dots", "day/../day/a.wav");
    add("updown", "day/../../" + node.folder.substr(5) + "/day/a.wav");
    add("dot", "./day/a.wav");
    add("slashes", "day//a.wav");
    add("end", "day/a.wav/");
    add("nul", std::string{"day/a.wav\0.txt", 14});
    add("empty", "");
    add("long", std::string(5'000, 'a') + "/" + std::string(5'000, 'b'));
    CAF_REQUIRE_EQUAL(::mkfifo((node.folder + "/pipe.wav").c_str(), 0600), 0);
    add("pipe", "pipe.wav"); // nobody writes to it: opening it must not wait
    add("device", "dev/zero");
    CAF_REQUIRE_EQUAL(::symlink("/dev", (node.folder + "/dev").c_str()), 0);
    CAF_REQUIRE_EQUAL(::symlink("a.wav", (node.folder + "/day/inside.wav").c_str()), 0);
    add("inside", "day/inside.wav");
    node.fake->calls.push_back(sample_call("none"));
  }
  void add(const std::string& id, const std::string& path) {
    auto call = sample_call(id);
    storage::recording_row row;
    row.call_id = id;
    row.file_path = path;
    call.recordings = {row};
    node.fake->calls.push_back(call);
  }
};

constexpr const char* target = "/api/calls/a/recording";

} // namespace

CAF_TEST_FIXTURE_SCOPE(recording_tests, fixture)

CAF_TEST(a recording comes whole with its length) {
  client c{node.port()};
  auto answer = c.ask(std::string{"GET "} + target);
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK_EQUAL(answer.header("content-type"), "audio/wav");
  CAF_CHECK_EQUAL(answer.header("accept-ranges"), "bytes");
  CAF_CHECK_EQUAL(answer.header("content-length"), "1000003");
  CAF_CHECK(answer.body == content);
  CAF_CHECK_EQUAL(answer.header("content-disposition"), "");
  CAF_CHECK_EQUAL(c.ask("GET /health").status, 200); // the connection goes on
  auto download = c.ask(std::string{"GET "} + target + "?download=true");
  CAF_CHECK_EQUAL(download.header("content-disposition"),
                  "attachment; filename=\"recording-a.wav\"");
  CAF_CHECK(download.body == content);
  auto head = c.ask(std::string{"HEAD "} + target, "Range: bytes=0-1\r\n");
  CAF_CHECK_EQUAL(head.status, 200);
  CAF_CHECK_EQUAL(head.header("content-length"), "1000003");
}

CAF_TEST(ranges are parts of it) {
  client c{node.port()};
  auto part = [&](const char* range) {
    return c.ask(std::string{"GET "} + target, std::string{"Range: "} + range + "\r\n");
  };
  auto answer = part("bytes=10-19");
  CAF_CHECK_EQUAL(answer.status, 206);
  CAF_CHECK_EQUAL(answer.header("content-range"), "bytes 10-19/1000003");
  CAF_CHECK(answer.body == content.substr(10, 10));
  CAF_CHECK(part("bytes=-3").body == content.substr(1'000'000));
  CAF_CHECK(part("bytes=262143-524290").body == content.substr(262'143, 262'148));
  answer = part("bytes=1000003-");
  CAF_CHECK_EQUAL(answer.status, 416);
  CAF_CHECK_EQUAL(answer.header("content-range"), "bytes */1000003");
  CAF_CHECK_EQUAL(answer.code(), "RANGE_NOT_SATISFIABLE");
  CAF_CHECK_EQUAL(part("bytes=0-1,5-6").status, 200);
  CAF_CHECK_EQUAL(part("nonsense").status, 200);
}

CAF_TEST(conditions save the download) {
  client c{node.port()};
  auto first = c.ask(std::string{"HEAD "} + target);
  auto tag = first.header("etag");
  auto ask = [&](const std::string& headers) {
    return c.ask(std::string{"GET "} + target, headers);
  };
  CAF_CHECK_EQUAL(ask("If-None-Match: " + tag + "\r\n").status, 304);
  CAF_CHECK_EQUAL(ask("If-Modified-Since: " + first.header("last-modified") + "\r\n").status, 304);
  CAF_CHECK_EQUAL(ask("If-Range: " + tag + "\r\nRange: bytes=0-1\r\n").status, 206);
  CAF_CHECK_EQUAL(ask("If-Range: \"other\"\r\nRange: bytes=0-1\r\n").status, 200);
}

CAF_TEST(a condition that does not hold sends the recording) {
  client c{node.port()};
  auto first = c.ask(std::string{"HEAD "} + target);
  auto tag = first.header("etag"), date = first.header("last-modified");
  auto status = [&](const std::string& headers) {
    return c.ask(std::string{"GET "} + target, headers).status;
  };
  CAF_CHECK_EQUAL(status("If-None-Match: \"x\", W/" + tag + "\r\n"), 304);
  CAF_CHECK_EQUAL(status("If-None-Match: *\r\n"), 304);
  CAF_CHECK_EQUAL(status("If-None-Match: \"x\"\r\n"), 200);
  // If-None-Match decides alone (RFC 9110 section 13.1.3).
  CAF_CHECK_EQUAL(status("If-None-Match: \"x\"\r\nIf-Modified-Since: " + date + "\r\n"), 200);
  CAF_CHECK_EQUAL(status("If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n"), 200);
  CAF_CHECK_EQUAL(status("If-Modified-Since: nonsense\r\n"), 200);
  const std::string range = "Range: bytes=5-9\r\n";
  CAF_CHECK_EQUAL(status("If-Range: " + date + "\r\n" + range), 206);
  CAF_CHECK_EQUAL(status("If-Range: W/" + tag + "\r\n" + range), 200); // must be a strong one
  CAF_CHECK_EQUAL(status("If-Range: Thu, 01 Jan 1970 00:00:00 GMT\r\n" + range), 200);
  CAF_CHECK_EQUAL(status("If-None-Match: " + tag + "\r\n" + range), 304);
  auto same = c.ask(std::string{"HEAD "} + target, "If-None-Match: " + tag + "\r\n");
  CAF_CHECK_EQUAL(same.status, 304);
  CAF_CHECK_EQUAL(same.header("etag"), tag);
}

CAF_TEST(downloads past the bound are told to come back) {
  std::ofstream{node.folder + "/big.wav", std::ios::binary} << std::string(8 * 1024 * 1024, 'b');
  add("big", "big.wav");
  const std::string request = "GET /api/calls/big/recording HTTP/1.1\r\nHost: x\r\n\r\n";
  std::vector<std::unique_ptr<client>> slow; // take the head and leave the rest in their sockets
  for (size_t i = 0; i < defaults::http::downloads_max; ++i) {
    slow.push_back(std::make_unique<client>(node.port(), 16 * 1024));
    slow.back()->send(request);
    CAF_REQUIRE(slow.back()->read_until("\r\n\r\n").find("200 OK") != std::string::npos);
  }
  auto refused = node.get("/api/calls/big/recording");
  CAF_CHECK_EQUAL(refused.status, 503);
  CAF_CHECK_EQUAL(refused.code(), "BUSY");
  CAF_CHECK(!refused.header("retry-after").empty());
  CAF_CHECK_EQUAL(node.get("/health").status, 200);
  slow.pop_back();
  int status = 503;
  for (int i = 0; i < 500 && status == 503; ++i)
    status = client{node.port()}.ask("GET /api/calls/big/recording", "Range: bytes=0-0\r\n").status;
  CAF_CHECK_EQUAL(status, 206);
}

CAF_TEST(what is missing has its code) {
  struct row {
    const char* id;
    const char* code;
  };
  for (auto [id, code] : std::initializer_list<row>{{"nope", "CALL_NOT_FOUND"},
                                                    {"none", "RECORDING_NOT_FOUND"},
                                                    {"gone", "FILE_NOT_FOUND"},
                                                    {"out", "FILE_NOT_FOUND"},
                                                    {"abs", "FILE_NOT_FOUND"},
                                                    {"link", "FILE_NOT_FOUND"},
                                                    {"dirlink", "FILE_NOT_FOUND"},
                                                    {"dir", "FILE_NOT_FOUND"},
                                                    {"dots", "FILE_NOT_FOUND"},
                                                    {"updown", "FILE_NOT_FOUND"},
                                                    {"dot", "FILE_NOT_FOUND"},
                                                    {"slashes", "FILE_NOT_FOUND"},
                                                    {"end", "FILE_NOT_FOUND"},
                                                    {"nul", "FILE_NOT_FOUND"},
                                                    {"empty", "FILE_NOT_FOUND"},
                                                    {"long", "FILE_NOT_FOUND"},
                                                    {"pipe", "FILE_NOT_FOUND"},
                                                    {"device", "FILE_NOT_FOUND"},
                                                    {"inside", "FILE_NOT_FOUND"}}) {
    auto answer = node.get(std::string{"/api/calls/"} + id + "/recording");
    CAF_CHECK_EQUAL(answer.status, 404);
    CAF_CHECK_EQUAL(answer.code(), code);
  }
}

CAF_TEST(clients that leave in the middle cost nothing) {
  for (int i = 0; i < 20; ++i) {
    client c{node.port()};
    c.send(std::string{"GET "} + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    c.read_bytes(100);
  }
  CAF_CHECK(node.get(target).body == content);
}

CAF_TEST(many downloads at once do not mix) {
  std::vector<std::unique_ptr<client>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<client>(node.port()));
    clients.back()->send(std::string{"GET "} + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  for (auto& c : clients)
    CAF_CHECK(c->read_reply().body == content);
}

CAF_TEST(a signed link of the row plays without a token) {
  running_server guarded{[](conf::config& c) {
    c.api_tokens = {{"ops", "write-token-00001", false}};
  }};
  std::ofstream{guarded.folder + "/b.wav"} << "RIFF";
  auto call = sample_call("b");
  storage::recording_row row;
  row.call_id = "b";
  row.file_path = "b.wav";
  call.recordings = {row};
  guarded.fake->calls.push_back(call);
  auto body = guarded.get("/api/calls/b", "Authorization: Bearer write-token-00001\r\n").body;
  auto at = body.find("\"fileUrl\":\"http://127.0.0.1/");
  CAF_REQUIRE(at != std::string::npos);
  at += 27;
  auto link = body.substr(at, body.find('"', at) - at);
  CAF_CHECK_EQUAL(guarded.get(link).body, "RIFF");
  CAF_CHECK_EQUAL(guarded.get("/api/calls/b/recording").status, 401);
}

CAF_TEST_FIXTURE_SCOPE_END()
