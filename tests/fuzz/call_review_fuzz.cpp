// A model's review of a call. Property: what is read is within its bounds, and read again from our
// own writing of it is the same.
#include "conf/defaults/analysis.hpp"
#include "storage/call_review.hpp"
#include "tests/fuzz/require.hpp"

#include <nlohmann/json.hpp>

#include <string>

using namespace switchboard;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto review = storage::parse_call_review({reinterpret_cast<const char*>(data), size});
  if (!review)
    return 0;
  require(review->score >= -1 && review->score <= 1);
  require(!review->summary.empty());
  require(review->summary.size() <= defaults::analysis::summary_bytes_max);
  require(review->language.empty() || review->language.size() == 2);
  nlohmann::json written;
  written["sentiment"] = review->sentiment;
  written["score"] = review->score;
  written["summary"] = review->summary;
  written["language"] =
      review->language.empty() ? nlohmann::json() : nlohmann::json(review->language);
  const auto again = storage::parse_call_review(written.dump());
  if (!again)
    require(written.dump().size() > defaults::analysis::review_bytes_max); // escapes are longer
  else
    require(again->summary == review->summary && again->score == review->score &&
            again->sentiment == review->sentiment && again->language == review->language);
  return 0;
}
