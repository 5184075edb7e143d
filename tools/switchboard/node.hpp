#pragma once

#include "conf/config.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace switchboard {

/// One running Switchboard: lines, actors and the HTTP server, wired together and taken apart in
/// the order of ARCHITECTURE.md. Made, used and destroyed by the main thread.
class node {
public:
  /// Opens everything. @returns nullptr with `problem` set for people (nothing is left behind
  /// then).
  static std::unique_ptr<node> start(const conf::config& config, std::string& problem);
  virtual ~node() = default;

  virtual uint16_t port() const = 0;
  virtual uint32_t active_calls() const = 0;
  /// Reads the agent profiles anew; with a mistake in them the old ones stay. Calls keep theirs.
  virtual void reload() = 0;
  /// No new calls; live ones go on.
  virtual void drain() = 0;
  /// Ends what is live, waits until every record is complete (bounded), takes everything apart.
  /// @returns true if all was saved.
  virtual bool stop() = 0;
};

} // namespace switchboard
