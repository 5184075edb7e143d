#pragma once

#include "http/site.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

/// How routes answer with what a database reader made. Http thread, but for the jobs themselves,
/// which run on a reader's.
namespace switchboard::http {

/// The answer of a job whose query failed. The detail is for the log, never for the client.
actors::read_result failed_read(storage::storage_error code, const std::string& detail);

/// The answer of a job that rendered JSON.
actors::read_result rendered(std::string body, std::string entity_tag);

/// Answers with what a job made.
void answer_read(const exchange_ptr& x, actors::read_result done);

/// A job that knows when its requester gives up: it is not run then, nor any longer than until
/// then. Work for nobody would keep others waiting.
actors::read_job timely(actors::read_job job, std::chrono::steady_clock::time_point asked);

/// Runs a job on a reader and answers with what it made.
void answer_from_reader(site_context& context, const exchange_ptr& x, actors::read_job job);

/// What a job that is asked for a kept answer knows and tells of it.
struct kept_answer {
  response_cache::origin made; ///< `from.calls` is filled in by the job
  std::string stamp;           ///< of texts (call_texts)
};
using kept_job = std::function<actors::read_result(storage::call_store&, kept_answer&)>;

/// What a text of links depends on: their base and their hour (the expiry of signed URLs).
std::string stamp_of(const link_maker& links);

/// As answer_from_reader(), but an answer that is still true is not made again. Only for what the
/// database alone decides, `links` apart.
/// @param key what was asked for, unambiguously.
/// @param aspects of all calls that the answer depends on (row_aspect).
void answer_kept(site_context& context, const exchange_ptr& x, const link_maker& links,
                 const std::string& key, uint8_t aspects, kept_job job);

} // namespace switchboard::http
