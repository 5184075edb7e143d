#include "actors/journal_outbox.hpp"

#include "conf/defaults/line.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace switchboard::actors {

void journal_outbox::put(const disk_writer_actor& disk, journal_append what) {
  auto found = std::find_if(waiting_.begin(), waiting_.end(),
                            [&](auto& known) { return known.first == disk; });
  if (found == waiting_.end())
    found = waiting_.insert(found, {disk, {}});
  found->second.push_back(std::move(what));
}

void journal_outbox::beat() {
  if (++beats_ < defaults::line::beats_per_flush)
    return;
  beats_ = 0;
  for (auto& [disk, appends] : waiting_)
    caf::anon_send(disk, atom::facts_v, std::move(appends));
  waiting_.clear(); // a writer that died shall not be kept
}

} // namespace switchboard::actors
