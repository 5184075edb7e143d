#define CAF_SUITE model_failure
#define FAIL CAF_FAIL
#include "actors/model_failure.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::actors;

namespace {

struct error_row {
  const char* type;
  const char* code;
  const char* param;
  model_failure verdict;
  const char* message = "";
};

struct close_row {
  link_end end;
  uint16_t code;
  int http_status;
  model_failure verdict;
};

} // namespace

CAF_TEST(every error has the verdict of the table) {
  const char* const request = "invalid_request_error";
  const error_row table[] = {
      // races
      {request, "conversation_already_has_active_response", "", model_failure::ignore},
      {request, "response_cancel_not_active", "", model_failure::ignore},
      {request, "", "", model_failure::ignore, "Cancellation failed: no active response found"},
      {request, "input_audio_buffer_commit_empty", "", model_failure::ignore},
      {request, "item_not_found", "", model_failure::ignore},
      {request, "invalid_value", "audio_end_ms", model_failure::ignore,
       "Audio content of 6100ms is already shorter than 6185ms"},
      // key, model, account
      {request, "invalid_api_key", "", model_failure::fatal},
      {request, "missing_model", "model", model_failure::fatal},
      {request, "invalid_model", "model", model_failure::fatal},
      {request, "model_not_found", "model", model_failure::fatal},
      {request, "beta_api_shape_disabled", "", model_failure::fatal},
      {"insufficient_quota", "insufficient_quota", "", model_failure::fatal},
      {"insufficient_quota", "", "", model_failure::fatal},
      {request, "billing_hard_limit_reached", "", model_failure::fatal},
      {request, "account_deactivated", "", model_failure::fatal},
      {request, "credit_balance_exhausted", "", model_failure::fatal},
      {request, "unsupported_country_region_territory", "", model_failure::fatal},
      // our configuration
      {request, "invalid_value", "session.audio.output.voice", model_failure::fatal},
      {request, "unknown_parameter", "session.temperature", model_failure::fatal},
      {request, "integer_below_min_value", "session.max_output_tokens", model_failure::fatal},
      // the session's end
      {request, "session_expired", "", model_failure::lost},
      // the session goes on
      {request, "invalid_value", "item.content", model_failure::report},
      {request, "invalid_event", "", model_failure::report},
      {request, "invalid_json", "", model_failure::report},
      {"tokens", "rate_limit_exceeded", "", model_failure::report},
      {"server_error", "", "", model_failure::report},
      {"server_error", "server_error", "", model_failure::report},
      {"", "", "", model_failure::report},
  };
  for (auto& row : table) {
    CAF_MESSAGE(row.code << " " << row.param << " " << row.message);
    CAF_CHECK(judge_error({row.type, row.code, row.param, row.message}) == row.verdict);
  }
}

CAF_TEST(a response that failed by a fault of the server may be asked for again and no other) {
  CAF_CHECK(passes_by_itself({"server_error", "", "", ""}));
  CAF_CHECK(passes_by_itself({"tokens", "rate_limit_exceeded", "", ""}));
  CAF_CHECK(passes_by_itself({"", "", "", ""}));
  CAF_CHECK(!passes_by_itself({"invalid_request_error", "invalid_value", "", ""}));
  CAF_CHECK(!passes_by_itself({"insufficient_quota", "insufficient_quota", "", ""}));
  CAF_CHECK(!passes_by_itself({"invalid_request_error", "session_expired", "", ""}));
}

CAF_TEST(the reason of a close frame tells what is hopeless whatever its code) {
  for (uint16_t code : {1000, 1001, 1011, 3000, 4004}) {
    link_close why;
    why.end = link_end::closed_by_peer;
    why.close_code = code;
    for (auto* reason : {"insufficient_quota.insufficient_quota", "insufficient_quota",
                         "invalid_request_error.invalid_api_key"}) {
      why.detail = reason;
      CAF_CHECK(judge_close(why) == model_failure::fatal);
    }
  }
  link_close expired;
  expired.end = link_end::closed_by_peer;
  expired.close_code = 1001;
  expired.detail = "Your session hit the maximum duration of 60 minutes.";
  CAF_CHECK(judge_close(expired) == model_failure::lost);
}

CAF_TEST(every end of the socket has the verdict of the table) {
  const close_row table[] = {
      {link_end::lost, 0, 0, model_failure::lost},
      {link_end::connect_failed, 0, 0, model_failure::lost},
      {link_end::tls_failed, 0, 0, model_failure::lost},
      {link_end::timed_out, 0, 0, model_failure::lost},
      {link_end::overflow, 0, 0, model_failure::lost},
      {link_end::protocol_error, 0, 0, model_failure::lost},
      {link_end::closed_by_us, 0, 0, model_failure::lost},
      {link_end::upgrade_refused, 0, 400, model_failure::fatal},
      {link_end::upgrade_refused, 0, 401, model_failure::fatal},
      {link_end::upgrade_refused, 0, 403, model_failure::fatal},
      {link_end::upgrade_refused, 0, 404, model_failure::fatal},
      {link_end::upgrade_refused, 0, 408, model_failure::lost},
      {link_end::upgrade_refused, 0, 429, model_failure::lost},
      {link_end::upgrade_refused, 0, 500, model_failure::lost},
      {link_end::upgrade_refused, 0, 502, model_failure::lost},
      {link_end::upgrade_refused, 0, 503, model_failure::lost},
      {link_end::upgrade_refused, 0, 504, model_failure::lost},
      {link_end::closed_by_peer, 0, 0, model_failure::lost},
      {link_end::closed_by_peer, 1000, 0, model_failure::lost},
      {link_end::closed_by_peer, 1001, 0, model_failure::lost},
      {link_end::closed_by_peer, 1005, 0, model_failure::lost},
      {link_end::closed_by_peer, 1011, 0, model_failure::lost},
      {link_end::closed_by_peer, 1012, 0, model_failure::lost},
      {link_end::closed_by_peer, 1013, 0, model_failure::lost},
      {link_end::closed_by_peer, 1006, 0, model_failure::lost},
      {link_end::closed_by_peer, 1002, 0, model_failure::fatal},
      {link_end::closed_by_peer, 1003, 0, model_failure::fatal},
      {link_end::closed_by_peer, 1007, 0, model_failure::fatal},
      {link_end::closed_by_peer, 1008, 0, model_failure::fatal},
      {link_end::closed_by_peer, 1009, 0, model_failure::fatal},
      {link_end::closed_by_peer, 1010, 0, model_failure::fatal},
      {link_end::closed_by_peer, 1015, 0, model_failure::fatal},
      {link_end::closed_by_peer, 3000, 0, model_failure::fatal},
      {link_end::closed_by_peer, 4000, 0, model_failure::fatal},
      {link_end::closed_by_peer, 4004, 0, model_failure::fatal},
  };
  for (auto& row : table) {
    link_close why;
    why.end = row.end;
    why.close_code = row.code;
    why.http_status = row.http_status;
    CAF_MESSAGE(to_string(row.end) << " " << row.code << " " << row.http_status);
    CAF_CHECK(judge_close(why) == row.verdict);
  }
}
