#pragma once

#include "conf/agent_profile.hpp"
#include "conf/config.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace switchboard::conf {

/// All profiles of a node, read-only.
struct agent_profiles {
  agent_profile_ptr fallback;                         ///< for numbers that have none; never null
  std::map<std::string, agent_profile_ptr> by_number; ///< called number, E.164

  const agent_profile_ptr& of(const std::string& called_number) const;
};
using agent_profiles_ptr = std::shared_ptr<const agent_profiles>;

/// The profile that the AGENT_* and OPENAI_* variables describe: the one in force without a file,
/// and what a profile of a file leaves out.
agent_profile built_in_profile(const config& c);

/// Reads profiles from JSON text (comments allowed): see conf/agent_profiles.example.json.
/// @param problems one for each mistake, `what` beginning with its place, as in
///        `profiles.sales.tools[0].url: ...`. A file with any mistake gives null.
agent_profiles_ptr parse_agent_profiles(const std::string& text, const config& c,
                                        std::vector<problem>& problems);

/// The profiles of the configuration: those of the file AGENT_PROFILES names, else the built-in
/// one alone. Null if there are problems.
agent_profiles_ptr load_agent_profiles(const config& c, std::vector<problem>& problems);

/// The profiles in force, exchanged as a whole when they are read anew. Any thread.
class profile_store {
public:
  explicit profile_store(agent_profiles_ptr first) : now_(std::move(first)) {}

  agent_profiles_ptr get() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return now_;
  }
  agent_profile_ptr of(const std::string& called_number) const { return get()->of(called_number); }
  void set(agent_profiles_ptr next) {
    std::lock_guard<std::mutex> lock(mutex_);
    now_ = std::move(next);
  }

private:
  mutable std::mutex mutex_; // held for a copy of a pointer, once a call
  agent_profiles_ptr now_;
};
using profile_store_ptr = std::shared_ptr<profile_store>;

} // namespace switchboard::conf
