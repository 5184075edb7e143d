#include "tools/loadgen/run.hpp"

#include <algorithm>
#include <utility>

namespace sim::load {

namespace {

constexpr int64_t second_us = 1'000'000;
constexpr int64_t drain_us = 1'500'000;     // for frames that are on their way
constexpr int64_t patience_us = 20'000'000; // for set-up and for the end
constexpr double lateness_max_us = 2'000;   // past them a run says more of us than of the server
constexpr double own_core_max = 0.85;

} // namespace

load_run::load_run(const options& how)
    : how_(how), model_(loop_, told_, how_), begun_us_(now_us()) {
  told_.first_other = how_.calls;
  result_.idle = sample_process(how_.server_pid);
  for (uint32_t i = 0; i < how_.sse; ++i) {
    readers_.push_back(std::make_unique<event_reader>(
        loop_, "GET /api/status HTTP/1.1\r\nHost: loadgen\r\nAuthorization: Bearer " +
                   how_.api_token + "\r\n\r\n"));
    readers_.back()->start(how_.host, how_.port);
  }
}

void load_run::add_call(uint32_t number, int64_t life_us) {
  calls_.push_back(std::make_unique<carrier_call>(loop_, told_, how_, number));
  calls_.back()->end_after(life_us);
  calls_.back()->start();
}

/// One that comes and goes beside those that stay. Its number is behind all of theirs.
void load_run::add_passing_call() {
  double life_s = how_.churn_s;
  if (how_.churn_random) {
    std::exponential_distribution<double> spread{1 / how_.churn_s};
    life_s = std::clamp(spread(chance_), 0.1 * how_.churn_s, 10 * how_.churn_s);
  }
  add_call(how_.calls + how_.crowd + passing_++, static_cast<int64_t>(life_s * second_us));
}

/// Adds the calls that are due: their number follows the clock, whatever became of the earlier
/// ones.
void load_run::set_up(int64_t now) {
  const double age_s = static_cast<double>(now - begun_us_) / second_us;
  const double due = how_.profile == load_profile::burst  ? how_.calls
                     : how_.profile == load_profile::ramp ? how_.calls * age_s / how_.seconds
                                                          : how_.rate * age_s;
  const auto wanted = how_.calls + how_.crowd;
  const size_t target = due >= how_.calls ? wanted : static_cast<size_t>(due) + 1;
  while (placed_ < std::min<size_t>(target, wanted)) {
    if (placed_ >= how_.calls)
      crowd_.push_back(calls_.size());
    add_call(placed_++, 0);
  }
}

void load_run::measure_from(int64_t now) {
  phase_ = phase::measuring;
  phase_us_ = last_us_ = now;
  told_.from_us = now;
  result_.before = sample_process(how_.server_pid);
  result_.self_before = sample_process(0);
  loop_.measure(true);
}

void load_run::measure_to(int64_t now) {
  phase_ = phase::draining;
  phase_us_ = now;
  told_.to_us = now;
  loop_.measure(false);
  result_.after = sample_process(how_.server_pid);
  result_.self_after = sample_process(0);
  result_.measured_s = static_cast<double>(now - told_.from_us) / second_us;
}

void load_run::measure(int64_t now) {
  const double step_s = static_cast<double>(now - last_us_) / second_us;
  last_us_ = now;
  result_.call_seconds += static_cast<double>(told_.live) * step_s;
  if (how_.profile != load_profile::steady)
    set_up(now);
  for (churned_ += how_.churn * step_s; churned_ >= 1; churned_ -= 1)
    add_passing_call();
  for (asked_ += how_.api * step_s; asked_ >= 1; asked_ -= 1)
    ask_api();
  const double age_s = static_cast<double>(now - phase_us_) / second_us;
  if (how_.crowd > 0 && !crowd_gone_ && age_s >= how_.seconds / 2) {
    crowd_gone_ = true;
    for (const auto i : crowd_)
      calls_[i]->hang_up();
  }
  if (age_s >= how_.seconds)
    measure_to(now);
}

void load_run::ask_api() {
  const int64_t asked_at = now_us();
  one_request::send(loop_, how_.host, how_.port,
                    "GET /api/calls?limit=20 HTTP/1.1\r\nHost: loadgen\r\nConnection: close\r\n"
                    "Authorization: Bearer " +
                        how_.api_token + "\r\n\r\n",
                    [this, asked_at](const one_request::answer& got) {
                      told_.api.add(now_us() - asked_at);
                      if (got.status == 200)
                        return;
                      ++told_.api_errors;
                      told_.problem("API: " + std::to_string(got.status) + " " +
                                    got.body.substr(0, 200));
                    });
}

void load_run::hang_up_all() {
  for (auto& call : calls_)
    call->hang_up();
}

bool load_run::all_over() const {
  return std::all_of(calls_.begin(), calls_.end(), [](auto& call) { return call->over(); });
}

bool load_run::work(int64_t now) {
  switch (phase_) {
  case phase::setting_up: {
    if (how_.profile != load_profile::steady) {
      measure_from(now);
      return true;
    }
    set_up(now);
    const bool all_placed = placed_ == how_.calls + how_.crowd;
    const auto longest = patience_us + static_cast<int64_t>(how_.calls / how_.rate * second_us);
    if ((all_placed &&
         std::all_of(calls_.begin(), calls_.end(), [](auto& c) { return c->settled(); })) ||
        now - begun_us_ > longest) {
      phase_ = phase::warming_up;
      phase_us_ = now;
    }
    return true;
  }
  case phase::warming_up:
    if (static_cast<double>(now - phase_us_) >= how_.warm_up_s * second_us)
      measure_from(now);
    return true;
  case phase::measuring:
    measure(now);
    return true;
  case phase::draining:
    if (now - phase_us_ >= drain_us) {
      count_what_failed(); // what follows is ours
      phase_ = phase::ending;
      phase_us_ = now;
      model_.stop();
      hang_up_all();
    }
    return true;
  case phase::ending:
    return !all_over() && now - phase_us_ < patience_us;
  }
  return false;
}

void load_run::judge() {
  const double cpu = result_.self_after.cpu_s() - result_.self_before.cpu_s();
  const double core = result_.measured_s > 0 ? cpu / result_.measured_s : 1;
  if (static_cast<double>(loop_.lateness().at(0.99)) > lateness_max_us)
    result_.void_why = "the load generator itself was late";
  else if (core > own_core_max)
    result_.void_why = "the load generator's core was full";
  result_.void_run = !result_.void_why.empty();
}

/// A run that is not void may still not be what was asked for: its figures are of fewer calls then.
void load_run::count_what_failed() {
  const std::pair<uint64_t, const char*> counts[] = {{told_.refused, "calls refused"},
                                                     {told_.failed, "calls failed"},
                                                     {told_.lost, "calls lost"},
                                                     {told_.sessions_lost, "sessions lost"}};
  auto& text = result_.not_carried;
  for (const auto& [count, what] : counts)
    if (count > 0)
      text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what;
  for (const auto& reader : readers_) {
    result_.streams_lost += reader->lost() ? 1 : 0;
    result_.stream_bytes += reader->bytes();
  }
}

outcome load_run::run() {
  loop_.run([this](int64_t now) { return work(now); });
  result_.ended = sample_process(how_.server_pid);
  judge();
  return result_;
}

} // namespace sim::load
