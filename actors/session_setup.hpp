#pragma once

#include "actors/messages.hpp"
#include "actors/model_link.hpp"
#include "conf/config.hpp"

namespace switchboard::actors {

/// How the model sessions of a call are configured, the first as well as those that follow it.
/// @pre facts.profile is set (the registry sees to it).
session_settings settings_for(const conf::config& config, const call_facts& facts);

} // namespace switchboard::actors
