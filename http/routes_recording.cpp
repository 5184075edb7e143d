#include "conf/defaults/http.hpp"
#include "http/form.hpp"
#include "http/policy.hpp"
#include "http/range.hpp"
#include "http/recording_file.hpp"
#include "http/site.hpp"
#include "http/wall_time.hpp"
#include "storage/call_store.hpp"

namespace switchboard::http {

namespace {

namespace limits = defaults::http;
using actors::read_result;
using file_ptr = std::shared_ptr<recording_file>;

/// An opened recording and its place among the downloads.
struct opened_recording {
  file_ptr file;
  places::place place;
};

/// Sends a part of a file, one chunk at a time: read on a disk thread, written, and only when the
/// socket has taken it the next one. Keeps itself alive by its callbacks.
class recording_sender : public std::enable_shared_from_this<recording_sender> {
public:
  recording_sender(site_context& context, opened_recording recording, uint64_t first, uint64_t size,
                   std::shared_ptr<response_stream> stream)
      : context_(context),
        recording_(std::move(recording)),
        at_(first),
        left_(size),
        stream_(std::move(stream)) {}

  void next() {
    if (left_ == 0)
      return stream_->finish();
    const auto count =
        static_cast<size_t>(std::min<uint64_t>(left_, limits::recording_chunk_bytes));
    auto self = shared_from_this();
    context_.gate->ask<read_result>(
        context_.services.disk, limits::disk_timeout,
        [self, count](read_result&& chunk) { self->send(std::move(chunk.body), count); },
        [self](const caf::error&) { self->stream_->abort(); }, atom::job_v,
        actors::disk_job{[file = recording_.file, at = at_, count] {
          return read_result{200, file->read(at, count), {}};
        }});
  }

private:
  void send(std::string bytes, size_t expected) {
    if (bytes.size() != expected) { // the file shrank or failed: a short answer must not look whole
      log::error("http", "a recording could not be read to its end");
      return stream_->abort();
    }
    at_ += expected;
    left_ -= expected;
    stream_->write({std::make_shared<const std::string>(std::move(bytes))},
                   [self = shared_from_this()](bool ok) {
                     if (ok)
                       self->next();
                   });
  }

  site_context& context_;
  opened_recording recording_;
  uint64_t at_;
  uint64_t left_;
  std::shared_ptr<response_stream> stream_;
};

/// Whether a Range counts: without If-Range, or if that names what we have.
bool range_applies(const http_request& request, const recording_file& file) {
  auto condition = request.header_or_empty("If-Range");
  if (condition.empty() || condition == file.entity_tag())
    return true;
  auto since = parse_http_date(condition);
  return since && *since == file.modified_s();
}

bool not_modified(const http_request& request, const recording_file& file) {
  if (auto* tags = request.header("If-None-Match"))
    return matches_tag(*tags, file.entity_tag());
  auto since = parse_http_date(request.header_or_empty("If-Modified-Since"));
  return since && file.modified_s() <= *since;
}

http_response recording_head(const recording_file& file) {
  http_response head;
  head.set("Content-Type", "audio/wav");
  head.set("Accept-Ranges", "bytes");
  head.set("ETag", file.entity_tag());
  head.set("Last-Modified", http_date(file.modified_s()));
  head.set("Cache-Control", "private, no-cache");
  return head;
}

void send_file(site_context& context, const exchange_ptr& x, const std::string& call_id,
               opened_recording recording) {
  auto& request = x->request();
  auto& file = recording.file;
  auto head = recording_head(*file);
  if (not_modified(request, *file)) {
    head.status = 304;
    return x->answer(std::move(head));
  }
  if (parse_form(request.query).get("download") == "true")
    head.set("Content-Disposition", "attachment; filename=\"recording-" + call_id + ".wav\"");
  byte_range part{range_kind::whole, 0, file->size()};
  if (!x->is_head() && range_applies(request, *file)) // Range is for GET only
    part = parse_range(request.header_or_empty("Range"), file->size());
  const auto total = std::to_string(file->size());
  if (part.kind == range_kind::unsatisfiable) {
    auto answer =
        error_response(416, "RANGE_NOT_SATISFIABLE", "The range is outside the recording");
    answer.set("Content-Range", "bytes */" + total);
    return x->answer(std::move(answer));
  }
  if (part.kind == range_kind::part) {
    head.status = 206;
    head.set("Content-Range", "bytes " + std::to_string(part.first) + "-" +
                                  std::to_string(part.first + part.size - 1) + "/" + total);
  }
  head.content_length = part.size;
  if (x->is_head())
    return x->answer(std::move(head));
  auto stream = x->stream(std::move(head));
  if (stream != nullptr)
    std::make_shared<recording_sender>(context, std::move(recording), part.first, part.size,
                                       std::move(stream))
        ->next();
}

void open_file(site_context& context, const exchange_ptr& x, const std::string& path,
               const std::string& call_id) {
  auto place = context.downloads.take({});
  if (place == nullptr)
    return x->answer(busy_response("BUSY", "Too many downloads, try again later"));
  auto opened = std::make_shared<file_ptr>();
  context.gate->ask<read_result>(
      context.services.disk, limits::disk_timeout,
      [x, &context, opened, place = std::move(place), call_id](read_result&&) {
        if (*opened == nullptr)
          return x->fail(404, "FILE_NOT_FOUND", "Recording file not found");
        send_file(context, x, call_id, {*opened, place});
      },
      answer_failure(x), atom::job_v,
      actors::disk_job{[opened, root = context.config().recording_storage_path, path] {
        *opened = recording_file::open(root, path);
        return read_result{};
      }});
}

read_result find_recording(storage::call_store& store, const std::string& id) {
  auto call = store.get_call_with_details(id);
  if (!call)
    return {call.code() == storage::storage_error::not_found ? 404 : 503, "CALL_NOT_FOUND", {}};
  if (call->recordings.empty())
    return {404, "RECORDING_NOT_FOUND", {}};
  return {200, call->call.id, call->recordings.back().file_path};
}

void get_recording(site_context& context, const exchange_ptr& x) {
  context.gate->ask<read_result>(
      context.services.reader, limits::read_timeout,
      [x, &context](read_result&& found) {
        if (found.status == 200)
          return open_file(context, x, found.extra, found.body);
        if (found.status == 503)
          return x->answer(busy_response("DATABASE_UNAVAILABLE", "The database does not answer"));
        x->fail(404, found.body,
                found.body == "CALL_NOT_FOUND" ? "Call not found" : "Recording not found");
      },
      answer_failure(x), atom::job_v,
      actors::read_job{
          [id = x->path_id](storage::call_store& store) { return find_recording(store, id); }});
}

} // namespace

void add_recording_routes(std::vector<route>& routes) {
  routes.push_back({"GET", "/api/calls/:id/recording", access_need::recording, get_recording});
}

} // namespace switchboard::http
