#pragma once

#include "conf/config.hpp"

#include <cstdint>
#include <string>

namespace switchboard {

/// Raises the soft limit of descriptors to the hard one. @returns the limit in force.
uint64_t raise_descriptor_limit();

/// How many calls this node admits: as configured, else 200 a line; never more than descriptors
/// allow.
uint32_t admission_limit(const conf::config& config, uint32_t lines, uint64_t descriptors);

/// Creates the directories of database and recordings and tries to write there.
/// @returns what is wrong, for people; empty = all is well.
std::string prepare_directories(const conf::config& config);

/// The key that signs recording URLs: as configured, else the one in the data directory, made at
/// the first start. @returns empty with `problem` set if neither can be had.
std::string url_signing_key(const conf::config& config, std::string& problem);

} // namespace switchboard
