#pragma once

#include "tools/loadgen/carrier.hpp"
#include "tools/loadgen/model.hpp"
#include "tools/loadgen/one_request.hpp"
#include "tools/loadgen/process_watch.hpp"

#include <memory>
#include <vector>

namespace sim::load {

/// What a run is worth reporting about, beyond its tally.
struct outcome {
  process_sample idle, before, after,
      ended; ///< of the server: no calls, measured from, to, no calls
  process_sample self_before, self_after;
  double measured_s = 0;
  double call_seconds = 0; ///< of all calls, while it measured
  bool void_run = false;
  std::string void_why;
};

/// One run from the first call to the last.
class load_run {
public:
  explicit load_run(const options& how);
  /// @returns once all calls are over.
  outcome run();
  const tally& told() const { return told_; }
  load_spread& lateness() { return loop_.lateness(); }

private:
  enum class phase : uint8_t { setting_up, warming_up, measuring, draining, ending };

  bool work(int64_t now);
  void set_up(int64_t now);
  void measure_from(int64_t now);
  void measure(int64_t now);
  void measure_to(int64_t now);
  void hang_up_all();
  bool all_over() const;
  void add_call(int64_t life_us);
  void ask_api();
  void judge();

  options how_;
  reactor loop_;
  tally told_;
  model_host model_;
  std::vector<std::unique_ptr<carrier_call>> calls_;
  std::vector<std::unique_ptr<event_reader>> readers_;
  phase phase_ = phase::setting_up;
  outcome result_;
  int64_t begun_us_, phase_us_ = 0, last_us_ = 0;
  double churned_ = 0, asked_ = 0;
  bool crowd_gone_ = false;
};

} // namespace sim::load
