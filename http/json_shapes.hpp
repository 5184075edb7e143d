#pragma once

#include "actors/messages.hpp"
#include "http/query.hpp"
#include "storage/records.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The API's resources as JSON: keys, order and nulls of each in one place. Pure; any thread.
namespace switchboard::http {

/// What the URLs of recordings are made of.
struct link_maker {
  std::string base;        ///< `https://host`, no slash at the end
  std::string signing_key; ///< URL_SIGNING_KEY
  int64_t now_s = 0;
  std::string recording_link(std::string_view call_id) const;
};

/// The twelve scalar keys of a call, as one object.
void append_call(std::string& out, const storage::call_row& call);
/// A call with recordings, transcripts, analytics and metadata.
void append_call_details(std::string& out, const storage::call_details& call,
                         const link_maker& links);
void append_recording(std::string& out, const storage::recording_row& row, const link_maker& links);
/// @param with_version adds `version`, which events have and lists do not. An event that takes a
/// turn back ends in `"removed":true` (and its text is empty).
void append_transcript(std::string& out, const storage::transcript_row& row, bool with_version);
void append_analytics(std::string& out, const storage::analytics_row& row);
void append_metadata(std::string& out, const storage::metadata_row& row);

/// `{"data":[...],"pagination":{...}}`, of calls that are JSON already.
std::string render_page(const std::vector<std::string_view>& calls, int64_t total,
                        const storage::call_query& query);
std::string render_call_page(const storage::call_page& page, const storage::call_query& query,
                             const link_maker& links);
/// `{"data":{...}}`
std::string render_call_details(const storage::call_details& call, const link_maker& links);
/// `{"data":{"aggregates":{...},"timeSeries":[...]}}`
std::string render_analytics(const storage::analytics_aggregate& sums,
                             const std::vector<storage::time_series_point>& series);
/// `{"message":...,"data":Call}`
std::string render_notes_added(const storage::call_row& call);
/// The data of a live update: `{"type","callId","streamSid","data","timestamp"}`.
std::string render_event(const actors::feed_event& event, const link_maker& links);

const char* to_string(actors::feed_type type);

} // namespace switchboard::http
