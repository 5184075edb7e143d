#define CAF_SUITE review_listener
#define FAIL CAF_FAIL
#include "actors/review_listener.hpp"
#include "conf/defaults/analysis.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;
namespace limits = switchboard::defaults::analysis;
using type = model_event_type;

namespace {

struct fixture {
  review_listener listener{"evt_7"};

  void tell(type what, const std::string& response, const std::string& text = {},
            const std::string& kind = {}) {
    model_event event;
    event.type = what;
    event.response_id = response;
    event.text = text;
    event.metadata_kind = kind;
    event.status = response_status::completed;
    event.usage.emplace().total_tokens = 12;
    listener.on_event(event);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(review_listener_tests, fixture)

CAF_TEST(the text of the response that we asked for is the answer and no other) {
  tell(type::response_created, "r1");
  tell(type::text_done, "r1", "no");
  tell(type::response_created, "r2", {}, review_kind);
  tell(type::text_done, "r1", "no");
  tell(type::text_done, "r2", "yes");
  tell(type::response_done, "r1");
  CAF_CHECK(!listener.over());
  tell(type::response_done, "r2");
  CAF_CHECK(listener.over());
  const auto answer = listener.take();
  CAF_CHECK_EQUAL(answer.text, "yes");
  CAF_CHECK_EQUAL(answer.usage.total_tokens, 12u);
}

CAF_TEST(a response that was not completed is no answer and yet was paid) {
  tell(type::response_created, "r1", {}, review_kind);
  tell(type::text_done, "r1", "half of");
  model_event done;
  done.type = type::response_done;
  done.response_id = "r1";
  done.status = response_status::incomplete;
  done.usage.emplace().total_tokens = 3;
  listener.on_event(done);
  CAF_CHECK(listener.over());
  const auto answer = listener.take();
  CAF_CHECK_EQUAL(answer.text, "");
  CAF_CHECK_EQUAL(answer.usage.total_tokens, 3u);
}

CAF_TEST(a text at its bound is an answer and one beyond it is none) {
  tell(type::response_created, "r1", {}, review_kind);
  tell(type::text_done, "r1", std::string(limits::review_bytes_max, 'a'));
  tell(type::response_done, "r1");
  CAF_CHECK_EQUAL(listener.take().text.size(), limits::review_bytes_max);
  review_listener next{"evt_8"};
  std::swap(listener, next);
  tell(type::response_created, "r2", {}, review_kind);
  tell(type::text_done, "r2", std::string(limits::review_bytes_max, 'a'));
  tell(type::text_done, "r2", "b");
  tell(type::response_done, "r2");
  CAF_CHECK_EQUAL(listener.take().text, "");
}

CAF_TEST(a refusal of our question ends the wait and one of another event does not ) {
  model_event error;
  error.type = type::error;
  error.error_event_id = "evt_6";
  listener.on_event(error);
  CAF_CHECK(!listener.over());
  error.error_event_id = "evt_7";
  listener.on_event(error);
  CAF_CHECK(listener.over());
  CAF_CHECK_EQUAL(listener.take().text, "");
}

CAF_TEST(the question is out of band and bounded) {
  const auto ask = review_question();
  CAF_CHECK(ask.out_of_band_text);
  CAF_CHECK_EQUAL(ask.metadata_kind, review_kind);
  CAF_CHECK_EQUAL(ask.output_tokens_max, limits::review_tokens_max);
}

CAF_TEST_FIXTURE_SCOPE_END()
