#include "actors/model_failure.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace switchboard::actors {

namespace {

template <class List>
bool one_of(std::string_view what, const List& list) {
  return std::find(list.begin(), list.end(), what) != list.end();
}

/// Races between our commands and the session's own doing: the wanted state is there already. The
/// first is answered by the response_owner.
constexpr std::array<std::string_view, 4> benign = {
    "conversation_already_has_active_response",
    "response_cancel_not_active",
    "input_audio_buffer_commit_empty",
    "item_not_found",
};

/// The same as texts: they come with the code `invalid_value`, or with codes that differ by
/// provider.
constexpr std::array<std::string_view, 3> benign_texts = {
    "already shorter than",     // truncate beyond what was generated
    "no active response found", // cancel raced the end
    "buffer too small",         // commit of less than 100 ms
};

/// Key, model, account: the next session would end the same way.
constexpr std::array<std::string_view, 10> hopeless = {
    "invalid_api_key",
    "missing_model",
    "invalid_model",
    "model_not_found",
    "beta_api_shape_disabled",
    "insufficient_quota",
    "billing_hard_limit_reached",
    "account_deactivated",
    "credit_balance_exhausted",
    "unsupported_country_region_territory",
};

constexpr std::array<std::string_view, 1> over = {"session_expired"};

bool is_benign(const model_error& error) {
  return one_of(error.code, benign) ||
         std::any_of(benign_texts.begin(), benign_texts.end(), [&](std::string_view text) {
           return error.message.find(text) != std::string_view::npos;
         });
}

/// The code in a close reason of the form `<type>.<code>`.
std::string_view code_of_reason(std::string_view reason) {
  const auto dot = reason.rfind('.');
  return dot == std::string_view::npos ? reason : reason.substr(dot + 1);
}

} // namespace

model_failure judge_error(const model_error& error) {
  if (is_benign(error))
    return model_failure::ignore;
  if (one_of(error.code, hopeless) || one_of(error.type, hopeless))
    return model_failure::fatal;
  if (one_of(error.code, over))
    return model_failure::lost;
  // A rejected session.update leaves the session unconfigured: audio would be misread.
  if (error.type == "invalid_request_error" && error.param.substr(0, 7) == "session")
    return model_failure::fatal;
  return model_failure::report;
}

bool passes_by_itself(const model_error& error) {
  return judge_error(error) == model_failure::report && error.type != "invalid_request_error";
}

model_failure judge_close(const link_close& why) {
  if (why.end == link_end::closed_by_peer && one_of(code_of_reason(why.detail), hopeless))
    return model_failure::fatal; // whatever the code: quota is refused with 1000
  switch (why.end) {
  case link_end::upgrade_refused: {
    constexpr std::array<int, 6> retryable = {408, 429, 500, 502, 503, 504};
    const bool worth_it =
        std::find(retryable.begin(), retryable.end(), why.http_status) != retryable.end();
    return worth_it ? model_failure::lost : model_failure::fatal;
  }
  case link_end::closed_by_peer: {
    // 1001 going away (also session expiry), 1005 none, 1006 abnormal, 1011-1013 server trouble.
    constexpr std::array<uint16_t, 7> retryable = {0, 1001, 1005, 1006, 1011, 1012, 1013};
    const bool worth_it =
        std::find(retryable.begin(), retryable.end(), why.close_code) != retryable.end();
    // 1000: the model ended the session on purpose; a call in progress needs a new one.
    return worth_it || why.close_code == 1000 ? model_failure::lost : model_failure::fatal;
  }
  case link_end::tls_failed: // a proxy's bad moment, or a wrong CA: tried
  case link_end::closed_by_us:
  case link_end::lost:
  case link_end::connect_failed:
  case link_end::timed_out:
  case link_end::overflow:
  case link_end::protocol_error:
    return model_failure::lost;
  }
  return model_failure::lost;
}

} // namespace switchboard::actors
