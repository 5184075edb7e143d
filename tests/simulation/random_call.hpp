#pragma once

#include "tests/golden/conversation_world.hpp"

#include <random>
#include <set>
#include <string>
#include <vector>

namespace switchboard::test {

/// One random conversation with random faults of everything around it: the network, the model, the
/// database, the disk, its own children. The seed decides all of it.
class random_call {
public:
  explicit random_call(uint64_t seed);

  /// Plays the call to its end. @returns what is wrong with it afterwards, nothing if all is well.
  std::vector<std::string> play();

private:
  bool chance(double per_second);
  uint64_t between(uint64_t low, uint64_t high) { return low + random_() % (high - low + 1); }
  std::string fresh(const char* prefix) { return prefix + std::to_string(++names_); }

  void something_happens();
  void model_acts();
  void model_answers();
  void caller_acts();
  void carrier_acts();
  void faults_act();
  void end_somehow();
  void calm_down();
  void review();

  void check_end(std::vector<std::string>& wrong);
  void check_rows(std::vector<std::string>& wrong);
  void check_remains(std::vector<std::string>& wrong);
  void check_journal(std::vector<std::string>& wrong);
  uint64_t bytes_sent();

  std::mt19937_64 random_;
  conversation_world world_;
  uint64_t length_ms_;
  uint64_t names_ = 0;
  size_t session_ = 0; // the one that was configured last
  uint64_t configure_at_ms_ = 0;
  std::string response_, item_, speech_;
  std::vector<std::string> untranscribed_;
  bool over_ = false;
  bool recorder_killed_ = false; // what waited in it is lost
};

} // namespace switchboard::test
