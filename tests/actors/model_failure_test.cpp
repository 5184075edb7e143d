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
};

struct close_row {
  link_end end;
  uint16_t code;
  int http_status;
  model_failure verdict;
};

} // namespace

CAF_TEST(every error has the verdict of the table) {
  const error_row table[] = {
      {"invalid_request_error", "conversation_already_has_active_response", "",
       model_failure::ignore},
      {"invalid_request_error", "response_cancel_not_active", "", model_failure::ignore},
      {"invalid_request_error", "input_audio_buffer_commit_empty", "", model_failure::ignore},
      {"invalid_request_error", "item_not_found", "", model_failure::ignore},
      {"invalid_request_error", "invalid_api_key", "", model_failure::fatal},
      {"invalid_request_error", "model_not_found", "", model_failure::fatal},
      {"insufficient_quota", "insufficient_quota", "", model_failure::fatal},
      {"invalid_request_error", "beta_api_shape_disabled", "", model_failure::fatal},
      {"invalid_request_error", "session_expired", "", model_failure::lost},
      {"invalid_request_error", "invalid_value", "session.audio.output.voice",
       model_failure::fatal},
      {"invalid_request_error", "invalid_value", "item.content", model_failure::report},
      {"server_error", "", "", model_failure::report},
      {"", "", "", model_failure::report},
  };
  for (auto& row : table) {
    CAF_MESSAGE(row.code << " " << row.param);
    CAF_CHECK(judge_error(row.type, row.code, row.param) == row.verdict);
  }
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
      {link_end::closed_by_peer, 1002, 0, model_failure::fatal},
      {link_end::closed_by_peer, 1008, 0, model_failure::fatal},
      {link_end::closed_by_peer, 3000, 0, model_failure::fatal},
      {link_end::closed_by_peer, 4000, 0, model_failure::fatal},
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
