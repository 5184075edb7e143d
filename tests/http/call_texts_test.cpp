#define CAF_SUITE call_texts
#define FAIL CAF_FAIL

#include "conf/defaults/http.hpp"
#include "http/call_texts.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;

namespace {

namespace limits = defaults::http;
const call_texts::clock::time_point start{std::chrono::hours{1}};

struct fixture {
  call_texts texts{limits::call_texts_bytes_max};
  actors::row_versions versions;

  void keep(const std::string& id, const std::string& stamp = "here\n") {
    texts.put(id, stamp, versions.now(), {"{\"id\":\"" + id + "\"}", "\"tag\"", start});
  }
  bool has(const std::string& id, const std::string& stamp = "here\n",
           call_texts::clock::time_point now = start) {
    return texts.find(id, stamp, versions, now).has_value();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(call_texts_tests, fixture)

CAF_TEST(a text is kept until its call changes) {
  keep("a");
  keep("b");
  const auto found = texts.find("a", "here\n", versions, start);
  CAF_REQUIRE(found.has_value());
  CAF_CHECK_EQUAL(found->json, R"({"id":"a"})");
  CAF_CHECK_EQUAL(found->tag, "\"tag\"");
  CAF_CHECK(found->began == start);
  versions.touch("a", 0);
  CAF_CHECK(!has("a"));
  CAF_CHECK(has("b"));
}

CAF_TEST(a text is for links of one base and hour) {
  keep("a", "one\n");
  CAF_CHECK(has("a", "one\n"));
  CAF_CHECK(!has("a", "two\n"));
}

CAF_TEST(a text whose call changed while it was made is not good) {
  const auto before = versions.now();
  versions.touch("a", 0);
  texts.put("a", "here\n", before, {"{}", "", start});
  CAF_CHECK(!has("a"));
}

CAF_TEST(a text ages like any kept answer) {
  keep("a");
  CAF_CHECK(has("a", "here\n", start + limits::cached_max));
  CAF_CHECK(!has("a", "here\n", start + limits::cached_max + std::chrono::milliseconds{1}));
}

CAF_TEST_FIXTURE_SCOPE_END()
