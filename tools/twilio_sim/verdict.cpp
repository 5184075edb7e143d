#include "tools/twilio_sim/verdict.hpp"

#include <algorithm>

namespace sim {

namespace {

void fail_unless_ok(call_record& record, const char* why) {
  if (!record.ok && record.failure.empty()) {
    record.failure = why;
  }
}

void judge_success(call_record& record, bool started) {
  record.ok = record.failure.empty() && record.warnings.empty() && started;
  fail_unless_ok(record, started ? "there were warnings" : "no stream was opened");
}

} // namespace

void judge(call_record& record, const options& config, bool said_everything) {
  const bool started = std::any_of(record.streams.begin(), record.streams.end(), [](const auto& x) {
    return !x.extra && x.upgrade_status == 101;
  });
  switch (config.expected) {
  case expectation::refused:
    record.ok = record.refused;
    record.failure = record.ok ? "" : "was not refused";
    break;
  case expectation::rejected:
    record.rejected |= !started && record.failure.empty();
    record.ok = record.rejected && record.failure.empty();
    fail_unless_ok(record, "opened a stream");
    break;
  case expectation::success:
    if (record.failure.empty() && !said_everything && !config.caller.hang_up_after_ms) {
      record.failure = "the call ended before the caller had said everything";
    }
    judge_success(record, started);
    break;
  }
}

} // namespace sim
