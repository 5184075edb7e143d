#include "http/response_cache.hpp"

#include "conf/defaults/http.hpp"

namespace switchboard::http {

namespace limits = defaults::http;

size_t response_cache::entry::bytes() const {
  // The key lies in the index too; nodes and the small strings are the rest, roughly.
  constexpr size_t overhead = 256;
  return answer.body.size() + answer.extra.size() + 2 * key.size() +
         made.from.calls.size() * sizeof(uint32_t) + overhead;
}

const actors::read_result* response_cache::find(const std::string& key,
                                                const actors::row_versions& versions,
                                                clock::time_point now, clock::time_point* began) {
  auto found = index_.find(key);
  if (found == index_.end())
    return nullptr;
  auto at = found->second;
  if (now - at->made.began > limits::cached_max ||
      !versions.unchanged(at->made.version, at->made.from)) {
    forget(at);
    return nullptr;
  }
  recent_.splice(recent_.begin(), recent_, at);
  if (began != nullptr)
    *began = at->made.began;
  return &at->answer;
}

void response_cache::put(const std::string& key, origin made, const actors::read_result& answer) {
  if (auto found = index_.find(key); found != index_.end())
    forget(found->second);
  if (answer.status != 200 || answer.body.size() > limits::cached_answer_bytes_max)
    return;
  recent_.push_front({key, std::move(made), answer});
  index_.emplace(key, recent_.begin());
  bytes_ += recent_.front().bytes();
  const auto now = recent_.front().made.began;
  while (bytes_ > bytes_max_ || now - recent_.back().made.began > limits::cached_max)
    forget(std::prev(recent_.end()));
}

void response_cache::forget(entries::iterator at) {
  bytes_ -= at->bytes();
  index_.erase(at->key);
  recent_.erase(at);
}

} // namespace switchboard::http
