#pragma once

#include "actors/actor_error.hpp"
#include "actors/database_actor.hpp"
#include "actors/disk_actor.hpp"
#include "actors/event_feed_actor.hpp"
#include "conf/agent_profiles.hpp"
#include "tests/actors/virtual_world.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace switchboard::test {

/// The store of a node without a file of profiles; its calls have no bounds, since virtual hours
/// pass.
inline conf::profile_store_ptr built_in_profiles() {
  auto profile = conf::built_in_profile({});
  profile.limits = {0, 0, 0, 0};
  auto all = std::make_shared<conf::agent_profiles>();
  all->fallback = std::make_shared<conf::agent_profile>(std::move(profile));
  return std::make_shared<conf::profile_store>(std::move(all));
}

using namespace switchboard::actors;

/// The next `failures` tries fail, all of them if negative.
struct faults {
  int failures = 0;
  bool strike() {
    if (failures == 0)
      return false;
    if (failures > 0)
      --failures;
    return true;
  }
};

/// What the database was told, and how it is to behave.
struct fake_rows : faults {
  std::map<std::string, storage::call_row> calls;
  std::vector<std::pair<std::string, storage::call_update>> updates;
  std::vector<storage::recording_row> recordings;
  std::vector<storage::transcript_row> turns; // every write, in order
  std::vector<storage::analytics_row> figures;
  std::vector<storage::metadata_row> metadata;
  caf::actor_addr turn_writer; // who wrote the latest turn
  std::function<caf::result<storage::erasure>(const std::string& id, const std::string& by)>
      begin_erasure;
  std::function<caf::result<bool>(const std::string& id)> finish_erasure;
  std::function<caf::result<bool>(bool first)> forget_words;
  uint64_t tries = 0;
  uint64_t hurried = 0; // times that somebody would not wait for the group's time
  bool holding = false; // answers wait for faked_world::release_rows()
  std::vector<std::function<void()>> held;

  /// As the store does: a row whose id is known replaces that one.
  const storage::analytics_row& put_figures(storage::analytics_row row) {
    for (auto& known : figures)
      if (!row.id.empty() && known.id == row.id)
        return known = std::move(row);
    if (row.id.empty())
      row.id = "figures-" + std::to_string(figures.size());
    figures.push_back(std::move(row));
    return figures.back();
  }

  void let_go() {
    holding = false;
    for (auto& answer : std::exchange(held, {}))
      answer();
  }
};

template <class Row, class Work>
caf::result<Row> write_row(database_writer_actor::pointer self, std::shared_ptr<fake_rows> rows,
                           Work work) {
  ++rows->tries;
  auto promise = self->make_response_promise<Row>();
  auto answer = [rows, promise, work]() mutable {
    if (rows->strike())
      promise.deliver(make_error(actor_error::database));
    else
      work(promise);
  };
  if (rows->holding)
    rows->held.push_back(answer);
  else
    answer();
  return promise;
}

inline database_writer_actor::behavior_type fake_database(database_writer_actor::pointer self,
                                                          std::shared_ptr<fake_rows> rows) {
  return {
      [=](atom::putcall, const storage::call_row& row) {
        return write_row<storage::call_row>(self, rows, [rows, row](auto& promise) {
          for (auto& [id, known] : rows->calls)
            if (known.call_sid == row.call_sid) {
              promise.deliver(known);
              return;
            }
          promise.deliver(rows->calls[row.id] = row);
        });
      },
      [=](atom::updcall, const std::string& id, const storage::call_update& change) {
        return write_row<storage::call_row>(self, rows, [rows, id, change](auto& promise) {
          auto found = rows->calls.find(id);
          if (found == rows->calls.end()) {
            promise.deliver(make_error(actor_error::not_found));
            return;
          }
          auto& row = found->second;
          rows->updates.emplace_back(id, change);
          if (!change.only_if_active || row.status == storage::call_status::active) {
            if (change.stream_sid)
              row.stream_sid = change.stream_sid;
            if (change.status)
              row.status = *change.status;
            if (change.end_time)
              row.end_time = change.end_time;
            if (change.duration_s)
              row.duration_s = change.duration_s;
          }
          promise.deliver(row);
        });
      },
      [=](atom::putrec, const storage::recording_row& row) {
        return write_row<storage::recording_row>(self, rows, [rows, row](auto& promise) {
          rows->recordings.push_back(row);
          promise.deliver(row);
        });
      },
      [=](atom::putturn, const storage::transcript_row& row) {
        rows->turn_writer = caf::actor_cast<caf::actor_addr>(self->current_sender());
        return write_row<storage::transcript_row>(self, rows, [rows, row](auto& promise) {
          rows->turns.push_back(row);
          promise.deliver(row);
        });
      },
      [=](atom::putstats, const storage::analytics_row& row) {
        return write_row<storage::analytics_row>(
            self, rows, [rows, row](auto& promise) { promise.deliver(rows->put_figures(row)); });
      },
      [=](atom::putmeta, const storage::metadata_row& row) {
        return write_row<storage::metadata_row>(self, rows, [rows, row](auto& promise) {
          rows->metadata.push_back(row);
          promise.deliver(row);
        });
      },
      [=](atom::erase, const std::string& id,
          const std::string& by) -> caf::result<storage::erasure> {
        if (!rows->begin_erasure)
          return make_error(actor_error::not_found);
        return rows->begin_erasure(id, by);
      },
      [=](atom::erased, const std::string& id) -> caf::result<bool> {
        if (!rows->finish_erasure)
          return make_error(actor_error::not_found);
        return rows->finish_erasure(id);
      },
      [=](atom::forget, bool first) -> caf::result<bool> {
        if (!rows->forget_words)
          return false;
        return rows->forget_words(first);
      },
      [=](atom::tidy) { rows->let_go(); },
      [=](atom::commit) { ++rows->hurried; },
  };
}

struct fake_events {
  std::vector<feed_event> all;
  std::vector<std::string> erased; // calls
  std::vector<feed_event> of(feed_type type) const {
    std::vector<feed_event> out;
    for (auto& event : all)
      if (event.type == type)
        out.push_back(event);
    return out;
  }
  std::vector<std::string> error_codes() const {
    std::vector<std::string> out;
    for (auto& event : of(feed_type::error))
      out.push_back(std::get<feed_error>(event.data).code);
    return out;
  }
};

inline event_feed_actor::behavior_type fake_feed(event_feed_actor::pointer,
                                                 std::shared_ptr<fake_events> events) {
  return {
      [=](atom::publish, const feed_event& event) { events->all.push_back(event); },
      [=](atom::erased, const std::string& call_id) { events->erased.push_back(call_id); },
      [](atom::sub, const feed_sink_ptr&) {},
  };
}

/// Journals in memory.
struct fake_disk_log : faults {
  std::map<std::string, std::vector<uint8_t>> journals;
  std::vector<std::string> closed;
  caf::actor_addr recorder; // the last one: it asks at its start who stands behind a disk
  uint64_t tries = 0;
  uint64_t messages = 0; // with appends in them
  int close_failures = 0;
  // A disk that takes its time: what it got is kept, and done with when the test says so.
  enum class pace { normal, slow_to_take, slow_to_write } speed = pace::normal;
  journal_appends late;

  void append(const std::string& path, const record_batches& batches) {
    auto& journal = journals[path];
    for (auto& batch : batches)
      journal.insert(journal.end(), batch->begin(), batch->end());
  }
  /// The slow disk gets done.
  void catch_up(std::chrono::steady_clock::time_point now) {
    for (auto& x : std::exchange(late, {}))
      if (x.ticket->now() == append_ticket::state::taken || x.ticket->take()) {
        append(*x.journal_path, x.ticket->batches());
        x.ticket->settle(true, now);
      }
  }
};

inline disk_writer_actor::behavior_type fake_disk(disk_writer_actor::pointer self,
                                                  std::shared_ptr<fake_disk_log> disk) {
  self->set_default_handler([disk](caf::scheduled_actor* asked, caf::message_view&) {
    auto* who = caf::actor_cast<caf::abstract_actor*>(asked->current_sender());
    if (auto* actor = dynamic_cast<caf::local_actor*>(who))
      if (actor->name() == std::string{"recorder"})
        disk->recorder = caf::actor_cast<caf::actor_addr>(asked->current_sender());
    return caf::result<caf::message>{caf::sec::unexpected_message};
  });
  const auto now = [self] { return self->home_system().clock().now(); };
  return {
      [=](atom::facts, const journal_appends& appends) {
        uint64_t made = 0;
        ++disk->messages;
        for (auto& what : appends) {
          ++disk->tries;
          if (disk->speed != fake_disk_log::pace::normal) {
            if (disk->speed == fake_disk_log::pace::slow_to_write)
              what.ticket->take();
            disk->late.push_back(what);
            continue;
          }
          const bool well = what.ticket->take() && !disk->strike();
          if (well)
            disk->append(*what.journal_path, what.ticket->batches());
          what.ticket->settle(well, now());
          made += well ? 1 : 0;
        }
        return made;
      },
      [=](atom::finish, const std::string& path) -> caf::result<uint64_t> {
        ++disk->tries;
        if (disk->close_failures != 0) {
          if (disk->close_failures > 0)
            --disk->close_failures;
          return make_error(actor_error::disk, "io");
        }
        disk->closed.push_back(path);
        return uint64_t{disk->journals[path].size()};
      },
      [](atom::commit) {},
  };
}

struct fake_seals : faults {
  std::vector<storage::seal_request> wanted;
};

inline sealer_actor::behavior_type fake_sealer(sealer_actor::pointer,
                                               std::shared_ptr<fake_seals> seals) {
  return {
      [=](atom::seal, const storage::seal_request& request) -> caf::result<storage::recording_row> {
        seals->wanted.push_back(request);
        if (seals->strike())
          return make_error(actor_error::disk, "corrupt");
        storage::recording_row row;
        row.id = "rec";
        row.call_id = request.call_id;
        row.file_path = request.wav_path;
        row.size_bytes = 44;
        return row;
      },
  };
}

/// A virtual world with all that the call's actors write to.
class faked_world : public virtual_world {
public:
  std::shared_ptr<fake_rows> rows = std::make_shared<fake_rows>();
  std::shared_ptr<fake_events> events = std::make_shared<fake_events>();
  std::shared_ptr<fake_disk_log> disk_log = std::make_shared<fake_disk_log>();
  std::shared_ptr<fake_seals> seals = std::make_shared<fake_seals>();
  database_writer_actor database = keep(sys.spawn(fake_database, rows));
  event_feed_actor feed = keep(sys.spawn(fake_feed, events));
  disk_writer_actor disk = keep(sys.spawn(fake_disk, disk_log));
  sealer_actor sealer = keep(sys.spawn(fake_sealer, seals));

  /// Lets the database answer what it was holding back.
  void release_rows() {
    caf::anon_send(database, atom::tidy_v); // promises are delivered by their actor
    settle();
  }
};

} // namespace switchboard::test
