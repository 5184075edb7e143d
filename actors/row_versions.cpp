#include "actors/row_versions.hpp"

#include <algorithm>
#include <functional>

namespace switchboard::actors {

namespace {

/// Two writers may come in any order: the later count stays.
void raise(std::atomic<uint64_t>& at, uint64_t count) {
  auto old = at.load();
  while (old < count && !at.compare_exchange_weak(old, count)) {
  }
}

} // namespace

uint32_t row_versions::place_of(std::string_view call_id) {
  return static_cast<uint32_t>(std::hash<std::string_view>{}(call_id) %
                               defaults::database::version_places);
}

void row_versions::touch(std::string_view call_id, uint8_t aspects) {
  const auto count = ++count_;
  if (!call_id.empty())
    raise(places_[place_of(call_id)], count);
  for (size_t i = 0; i < row_aspects; ++i)
    if ((aspects >> i & 1) != 0)
      raise(aspects_[i], count);
}

void row_versions::touch_all() {
  raise(all_, ++count_);
}

bool row_versions::unchanged(uint64_t since, const source& from) const {
  if (all_.load() > since)
    return false;
  for (size_t i = 0; i < row_aspects; ++i)
    if ((from.aspects >> i & 1) != 0 && aspects_[i].load() > since)
      return false;
  return std::all_of(from.calls.begin(), from.calls.end(),
                     [&](uint32_t place) { return places_[place].load() <= since; });
}

} // namespace switchboard::actors
