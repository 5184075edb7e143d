#pragma once

#include "tools/loadgen/carrier.hpp"
#include "tools/loadgen/model.hpp"
#include "tools/loadgen/one_request.hpp"
#include "tools/loadgen/process_watch.hpp"

#include <memory>
#include <random>
#include <string>
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
  std::string not_carried;   ///< what became of calls that the server did not carry; empty: of none
  uint32_t streams_lost = 0; ///< of the event streams' clients
  uint64_t stream_bytes = 0; ///< that all of them have read
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
  void add_call(uint32_t number, int64_t life_us);
  void add_passing_call();
  void ask_api();
  void judge();
  void count_what_failed();

  options how_;
  reactor loop_;
  tally told_;
  model_host model_;
  std::vector<std::unique_ptr<carrier_call>> calls_; // in the order in which they were placed
  std::vector<size_t> crowd_;                        // which of them are of --crowd
  uint32_t placed_ = 0, passing_ = 0;                // those that stay or are a crowd; --churn's
  std::minstd_rand chance_;                          // the same in each run
  std::vector<std::unique_ptr<event_reader>> readers_;
  phase phase_ = phase::setting_up;
  outcome result_;
  int64_t begun_us_, phase_us_ = 0, last_us_ = 0;
  double churned_ = 0, asked_ = 0;
  bool crowd_gone_ = false;
};

} // namespace sim::load
