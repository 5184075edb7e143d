#include "storage/sqlite_rows.hpp"
#include "storage/sqlite_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace switchboard::storage::sqlite {
namespace {

std::string id_or_new(const std::string& id) {
  return id.empty() ? make_uuid() : id;
}

/// Runs a statement that ends in RETURNING.
/// @returns the row it gave, or nothing. Foreign keys are checked by the last step, behind the row.
template <class Reader>
auto returned(running& statement, Reader read) -> std::optional<decltype(read(*statement))> {
  std::optional<decltype(read(*statement))> row;
  while (statement->executeStep()) {
    row = read(*statement);
  }
  return row;
}

/// The row that an INSERT or an upsert gave back.
template <class Row, class Reader>
result<Row> stored(running& statement, Reader read) {
  auto row = returned(statement, read);
  if (!row) {
    return {storage_error::io, "the statement gave no row back"};
  }
  return std::move(*row);
}

std::optional<transcript_row> find_transcript(connection& db, const std::string& id) {
  static const auto sql =
      "SELECT " + std::string(transcript_columns) + " FROM transcripts WHERE id = ?";
  running find(db.prepare(sql));
  binder(*find) << id;
  if (!find->executeStep()) {
    return std::nullopt;
  }
  return read_transcript(*find);
}

/// A turn that turned out to be none: its row goes, if there was one.
transcript_row remove_transcript(connection& db, const transcript_row& x, wall_ms now) {
  running gone(db.prepare("DELETE FROM transcripts WHERE id = ?"));
  binder(*gone) << x.id;
  while (gone->executeStep()) {
  }
  auto row = x;
  row.created_at = row.updated_at = now;
  return row;
}

} // namespace

template <class T, class Work>
result<T> sqlite_store::change(const char* what, Work work) {
  if (group_lost()) {
    return {lost_to_, std::string(what) + ": the group was undone by an earlier error"};
  }
  try {
    open_scope();
    result<T> done = work();
    if (done) {
      close_scope();
    } else {
      undo_scope();
    }
    return done;
  } catch (const SQLite::Exception& e) {
    undo_scope();
    lost_to_ = group_lost() ? error_of(e) : lost_to_;
    return {error_of(e), std::string(what) + ": " + e.what()};
  }
}

result<call_row> sqlite_store::create_call(const call_row& x, wall_ms now) {
  return change<call_row>("create_call", [&]() -> result<call_row> {
    static const auto sql = "INSERT INTO calls (" + std::string(call_columns) +
                            ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                            " ON CONFLICT (call_sid) DO NOTHING RETURNING " +
                            call_columns;
    std::optional<call_row> row;
    {
      running insert(db_->prepare(sql));
      binder(*insert) << id_or_new(x.id) << x.stream_sid << x.call_sid << x.caller << x.agent
                      << x.start_time << x.end_time << x.duration_s << to_string(x.status)
                      << x.notes << now << now;
      row = returned(insert, read_call);
    }
    if (!row) {
      row = find_call(*db_, "call_sid", x.call_sid); // the webhook came again
    }
    return row ? result<call_row>(std::move(*row))
               : result<call_row>(storage_error::io, "the call vanished");
  });
}

result<call_row> sqlite_store::update_call(const std::string& id, const call_update& x,
                                           wall_ms now) {
  return change<call_row>("update_call", [&]() -> result<call_row> {
    static const auto sql =
        "UPDATE calls SET stream_sid = coalesce(?, stream_sid), status = coalesce(?, status),"
        " end_time = coalesce(?, end_time), duration_s = coalesce(?, duration_s),"
        " notes = coalesce(?, notes), updated_at = ?"
        " WHERE id = ? AND (? = 0 OR status = 'active') RETURNING " +
        std::string(call_columns);
    std::optional<call_row> row;
    {
      running update(db_->prepare(sql));
      std::optional<std::string> status;
      if (x.status) {
        status = to_string(*x.status);
      }
      binder(*update) << x.stream_sid << status << x.end_time << x.duration_s << x.notes << now
                      << id << static_cast<int32_t>(x.only_if_active);
      row = returned(update, read_call);
    }
    if (!row) {
      row = find_call(*db_, "id", id); // ended before, or not there at all
    }
    return row ? result<call_row>(std::move(*row))
               : result<call_row>(storage_error::not_found, "no call " + id);
  });
}

result<recording_row> sqlite_store::create_recording(const recording_row& x, wall_ms now) {
  return change<recording_row>("create_recording", [&] {
    // Sealing again (recovery) gives the same file: one row, not two.
    static const auto sql =
        "INSERT INTO recordings (" + std::string(recording_columns) +
        ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (call_id, file_path) DO UPDATE SET"
        " sample_rate_hz = excluded.sample_rate_hz, channels = excluded.channels,"
        " duration_s = excluded.duration_s, size_bytes = excluded.size_bytes,"
        " sha256_hex = excluded.sha256_hex, missing_ms_max = excluded.missing_ms_max,"
        " updated_at = excluded.updated_at RETURNING " +
        recording_columns;
    running insert(db_->prepare(sql));
    binder(*insert) << id_or_new(x.id) << x.call_id << x.file_path << x.sample_rate_hz << x.channels
                    << x.duration_s << x.size_bytes << x.sha256_hex << x.missing_ms_max << now
                    << now;
    return stored<recording_row>(insert, read_recording);
  });
}

result<transcript_row> sqlite_store::create_transcript(const transcript_row& x, wall_ms now) {
  return change<transcript_row>("create_transcript", [&]() -> result<transcript_row> {
    if (x.removed) {
      return remove_transcript(*db_, x, now);
    }
    static const auto sql =
        "INSERT INTO transcripts (" + std::string(transcript_columns) +
        ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " text = excluded.text, confidence = excluded.confidence,"
        " start_time_s = excluded.start_time_s, end_time_s = excluded.end_time_s,"
        " version = excluded.version, generated_text = excluded.generated_text,"
        " updated_at = excluded.updated_at WHERE excluded.version >= transcripts.version "
        "RETURNING " +
        transcript_columns;
    std::optional<transcript_row> row;
    {
      running insert(db_->prepare(sql));
      binder(*insert) << id_or_new(x.id) << x.call_id << to_string(x.who) << x.text << x.confidence
                      << x.start_time_s << x.end_time_s << x.version << x.generated_text << now
                      << now;
      row = returned(insert, read_transcript);
    }
    if (!row) {
      row = find_transcript(*db_, x.id); // a later version came before this one
    }
    return row ? result<transcript_row>(std::move(*row))
               : result<transcript_row>(storage_error::io, "the transcript vanished");
  });
}

result<analytics_row> sqlite_store::create_analytics(const analytics_row& x, wall_ms now) {
  return change<analytics_row>("create_analytics", [&] {
    static const auto sql = "INSERT INTO analytics (" + std::string(analytics_columns) +
                            ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                            " ON CONFLICT (id) DO UPDATE SET sentiment = excluded.sentiment,"
                            " sentiment_score = excluded.sentiment_score,"
                            " metrics_json = excluded.metrics_json,"
                            " updated_at = excluded.updated_at"
                            " WHERE call_id = excluded.call_id RETURNING " +
                            analytics_columns;
    running insert(db_->prepare(sql));
    binder(*insert) << id_or_new(x.id) << x.call_id << x.sentiment << x.sentiment_score
                    << x.talk_time_s << x.silence_time_s << x.interruptions << x.average_latency_ms
                    << x.metrics_json << (x.snapshot_time != 0 ? x.snapshot_time : now) << now
                    << now;
    return stored<analytics_row>(insert, read_analytics);
  });
}

result<metadata_row> sqlite_store::create_or_update_metadata(const metadata_row& x, wall_ms now) {
  return change<metadata_row>("create_or_update_metadata", [&] {
    static const auto sql =
        "INSERT INTO call_metadata (" + std::string(metadata_columns) +
        ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (call_id) DO UPDATE SET"
        " language = coalesce(excluded.language, language),"
        " region = coalesce(excluded.region, region),"
        " device_type = coalesce(excluded.device_type, device_type),"
        " network_quality = coalesce(excluded.network_quality, network_quality),"
        " custom_data_json = coalesce(excluded.custom_data_json, custom_data_json),"
        " updated_at = excluded.updated_at RETURNING " +
        std::string(metadata_columns);
    running insert(db_->prepare(sql));
    binder(*insert) << id_or_new(x.id) << x.call_id << x.language << x.region << x.device_type
                    << x.network_quality << x.custom_data_json << now << now;
    return stored<metadata_row>(insert, read_metadata);
  });
}

result<erasure> sqlite_store::begin_erasure(const std::string& id, const std::string& by,
                                            wall_ms now) {
  return change<erasure>("begin_erasure", [&] { return start_erasure(*db_, id, by, now); });
}

result<bool> sqlite_store::forget_words(bool first) {
  return change<bool>("forget_words",
                      [&]() -> result<bool> { return merge_search_indexes(*db_, first); });
}

result<nothing> sqlite_store::finish_erasure(const std::string& id, wall_ms now) {
  return change<nothing>("finish_erasure", [&]() -> result<nothing> {
    end_erasure(*db_, id, now);
    return nothing{};
  });
}

result<nothing> sqlite_store::try_write() {
  return change<nothing>("try_write", [&]() -> result<nothing> {
    db_->run("UPDATE schema_migrations SET applied_at = applied_at WHERE version = 1");
    return nothing{};
  });
}

} // namespace switchboard::storage::sqlite
