#define CAF_SUITE read_answers
#define FAIL CAF_FAIL

#include "conf/defaults/http.hpp"
#include "http/read_answers.hpp"
#include "storage/call_store.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;
using clock_type = std::chrono::steady_clock;

namespace {

struct fixture {
  test::temporary_directory root;
  std::unique_ptr<storage::call_store> store;
  int runs = 0;

  fixture() {
    storage::store_options options;
    options.path = root / "switchboard.db";
    auto opened = storage::open_call_store(options);
    if (opened)
      store = std::move(*opened);
  }

  actors::read_result run(clock_type::time_point asked) {
    return timely(
        [this](storage::call_store& from) {
          ++runs;
          auto page = from.search_calls({});
          return page ? rendered("{}", "\"t\"") : failed_read(page.code(), page.detail());
        },
        asked)(*store);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(read_answers_tests, fixture)

CAF_TEST(a job whose requester has given up is not run) {
  CAF_REQUIRE(store != nullptr);
  const auto now = clock_type::now();
  CAF_CHECK_EQUAL(run(now - defaults::http::read_timeout).status, 503);
  CAF_CHECK_EQUAL(runs, 0);
  CAF_CHECK_EQUAL(run(now).status, 200);
  CAF_CHECK_EQUAL(runs, 1);
}

CAF_TEST(what failed is told without its detail) {
  using storage::storage_error;
  CAF_CHECK_EQUAL(failed_read(storage_error::not_found, "x").status, 404);
  CAF_CHECK_EQUAL(failed_read(storage_error::busy, "x").status, 503);
  const auto broken = failed_read(storage_error::corrupt, "secret path");
  CAF_CHECK_EQUAL(broken.status, 500);
  CAF_CHECK(broken.body.find("secret") == std::string::npos);
}

CAF_TEST(a stamp changes with the base and the hour of the links) {
  link_maker links{"https://a", "key", 7200};
  const auto first = stamp_of(links);
  links.now_s = 7200 + 3599;
  CAF_CHECK_EQUAL(stamp_of(links), first);
  links.now_s = 7200 + 3600;
  CAF_CHECK(stamp_of(links) != first);
  links = {"https://b", "key", 7200};
  CAF_CHECK(stamp_of(links) != first);
}

CAF_TEST_FIXTURE_SCOPE_END()
