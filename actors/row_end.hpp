#pragma once

#include "actors/actor_error.hpp"
#include "actors/database_actor.hpp"
#include "actors/event_feed_actor.hpp"
#include "actors/line.hpp"
#include "conf/defaults/database.hpp"
#include "conf/log.hpp"

#include <caf/all.hpp>

namespace switchboard::actors {

/// Writes a call's end and, after the commit, publishes call_ended; whoever comes second changes
/// nothing and publishes nothing. `done(true)` = the row is ended (by us or before us).
/// Used by the call for a regular end and by the registry for calls that have no actor (any more).
template <class Self, class Done>
void write_call_end(Self* self, const database_writer_actor& writer, const event_feed_actor& feed,
                    const std::string& call_id, const storage::call_update& end, Done done) {
  auto update = end;
  update.only_if_active = true;
  ask_by(self, writer, defaults::database::write_timeout, atom::updcall_v, call_id, update)
      .then(
          [feed, call_id, end, done](const storage::call_row& row) {
            const bool ours = row.end_time == end.end_time && row.status == *end.status;
            if (ours) {
              feed_event event;
              event.type = feed_type::call_ended;
              event.call_id = call_id;
              event.stream_sid = row.stream_sid.value_or("");
              event.data = row;
              caf::anon_send(feed, atom::publish_v, std::move(event));
            }
            done(true);
          },
          [call_id, done](const caf::error& why) {
            if (why == actor_error::not_found) { // erased meanwhile: there is nothing to end
              done(true);
              return;
            }
            log::error("call", "the end of the call could not be written",
                       {{"call_id", call_id}, {"why", caf::to_string(why)}});
            done(false);
          });
}

} // namespace switchboard::actors
