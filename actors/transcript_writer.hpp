#pragma once

#include "actors/database_actor.hpp"
#include "actors/event_feed_actor.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <string>

namespace switchboard::actors {

class line;

struct transcript_writer_setup {
  std::string call_id;
  database_writer_actor writer;
  event_feed_actor feed;
};

/// Spawns a call's transcript writer: on its line, since each turn would wake another thread twice
/// (null: CAF's scheduler). It only passes on; what blocks is the database's thread. It takes
///   (turn, turn_update)  a turn, or a later state of one: stored as an upsert with its version (or
///                        deleted, if it was taken back), then published as `transcript`;
///   (finish) -> bool     answers true when everything is stored; false if something could not be.
/// Row ids are derived from call and turn key, and versions come with the updates, so a restarted
/// writer that is told all turns again goes on where the last one was.
/// A write that fails is tried again; past defaults::call::turn_updates_max waiting updates the
/// newest states replace waiting ones of the same turn, then the oldest go and are reported.
caf::actor spawn_transcript_writer(caf::actor_system&, line* where, transcript_writer_setup);

} // namespace switchboard::actors
