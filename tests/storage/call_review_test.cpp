#define CAF_SUITE call_review
#define FAIL CAF_FAIL
#include "conf/defaults/analysis.hpp"
#include "storage/call_review.hpp"

#include <random>
#include <string>

#include <caf/test/dsl.hpp>

using namespace switchboard::storage;
namespace limits = switchboard::defaults::analysis;

namespace {

const std::string good =
    R"({"sentiment":"positive","score":0.5,"summary":"A table was booked.","language":"en"})";

std::string with(const std::string& part, const std::string& instead) {
  auto text = good;
  return text.replace(text.find(part), part.size(), instead);
}

} // namespace

CAF_TEST(an answer of the right form is read) {
  const auto review = parse_call_review(good);
  CAF_REQUIRE(review.has_value());
  CAF_CHECK_EQUAL(review->sentiment, "positive");
  CAF_CHECK_EQUAL(review->score, 0.5);
  CAF_CHECK_EQUAL(review->summary, "A table was booked.");
  CAF_CHECK_EQUAL(review->language, "en");
}

CAF_TEST(space around it and a fence of Markdown and members nobody asked for do no harm) {
  for (auto& text : {" \n" + good + "\n ", "```json\n" + good + "\n```", "```\n" + good + "```\n",
                     with("{", R"({"mood":[1,{"a":2}],)"), with("0.5", "1"), with("0.5", "0"),
                     with("positive", "neutral"), with(R"("en")", "null")})
    CAF_CHECK(parse_call_review(text).has_value());
  CAF_CHECK_EQUAL(parse_call_review(with(R"("en")", "null"))->language, "");
  CAF_CHECK_EQUAL(parse_call_review(with(R"(,"language":"en")", ""))->language, "");
}

CAF_TEST(a summary is one line) {
  const auto review = parse_call_review(with("A table", R"(\n A\n\ttable\u0000)"));
  CAF_REQUIRE(review.has_value());
  CAF_CHECK_EQUAL(review->summary, "A  table  was booked.");
}

CAF_TEST(whatever else is wrong makes it no answer at all) {
  for (auto& text : {std::string{},
                     std::string{"The caller booked a table."},
                     std::string{"null"},
                     std::string{"[]"},
                     "[" + good + "]",
                     good + good,
                     good + "x",
                     "Sure! " + good,
                     "```xml\n" + good + "\n```",
                     "```json " + good + "```",
                     good.substr(0, good.size() - 1),
                     with("positive", "Positive"),
                     with("positive", "glad"),
                     with(R"("positive")", "1"),
                     with("0.5", "1.01"),
                     with("0.5", "-0.1"),
                     with("0.5", R"("0.5")"),
                     with("0.5", "null"),
                     with("0.5", "1e999"),
                     with("positive", "negative"),
                     with("A table was booked.", ""),
                     with("A table was booked.", R"( \n )"),
                     with(R"("A table was booked.")", "7"),
                     with("booked", "\xFF"),
                     with(R"("en")", R"("english")"),
                     with(R"("en")", R"("EN")"),
                     with(R"("en")", R"("")"),
                     with(R"("en")", "1"),
                     with("\"en\"", "[]"),
                     with(R"("score":0.5,)", "")})
    if (parse_call_review(text))
      CAF_ERROR("taken: " << text);
}

CAF_TEST(bounds of the answer and of its summary hold to the byte) {
  const auto padded = [](size_t bytes) { return good + std::string(bytes - good.size(), ' '); };
  CAF_CHECK(parse_call_review(padded(limits::review_bytes_max)).has_value());
  CAF_CHECK(!parse_call_review(padded(limits::review_bytes_max + 1)).has_value());
  const auto summary = [](size_t bytes) {
    return with("A table was booked.", std::string(bytes, 's'));
  };
  CAF_CHECK(parse_call_review(summary(limits::summary_bytes_max)).has_value());
  CAF_CHECK(!parse_call_review(summary(limits::summary_bytes_max + 1)).has_value());
}

/// Property: whatever was done to an answer, what is read of it keeps every promise.
CAF_TEST(what is read of a damaged answer is always within its bounds) {
  std::mt19937 chance(7);
  size_t read = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto text = good;
    for (unsigned n = 1 + chance() % 3; n > 0; --n) {
      const auto at = chance() % text.size();
      if (chance() % 2 == 0)
        text[at] = static_cast<char>(chance() % 256);
      else
        text.erase(at, 1 + chance() % 4);
      if (text.empty())
        break;
    }
    const auto review = parse_call_review(text);
    if (!review)
      continue;
    ++read;
    CAF_REQUIRE(review->sentiment == "positive" || review->sentiment == "neutral" ||
                review->sentiment == "negative");
    CAF_REQUIRE(review->score >= -1 && review->score <= 1);
    CAF_REQUIRE(!review->summary.empty() && review->summary.size() <= limits::summary_bytes_max);
    CAF_REQUIRE(review->language.empty() || review->language.size() == 2);
  }
  CAF_CHECK_GREATER(read, 1000u); // letters of the summary may change
}
