#define CAF_SUITE recording
#define FAIL CAF_FAIL

#include "http/recording_file.hpp"
#include "tests/http/server_fixture.hpp"

#include <caf/test/dsl.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

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
                                                    {"dots", "FILE_NOT_FOUND"}}) {
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
