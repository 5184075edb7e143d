#include "http/call_texts.hpp"

namespace switchboard::http {

std::optional<call_texts::text> call_texts::find(const std::string& call_id,
                                                 const std::string& stamp,
                                                 const actors::row_versions& versions,
                                                 clock::time_point now) {
  const auto key = stamp + call_id;
  std::lock_guard<std::mutex> guard{mutex_};
  clock::time_point began;
  auto* kept = texts_.find(key, versions, now, &began);
  if (kept == nullptr)
    return std::nullopt;
  return text{kept->body, kept->extra, began};
}

void call_texts::put(const std::string& call_id, const std::string& stamp, uint64_t version,
                     text made) {
  response_cache::origin from{version, made.began, {0, {actors::row_versions::place_of(call_id)}}};
  std::lock_guard<std::mutex> guard{mutex_};
  texts_.put(stamp + call_id, std::move(from), {200, std::move(made.json), std::move(made.tag)});
}

} // namespace switchboard::http
