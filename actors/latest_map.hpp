#pragma once

#include "conf/memory_trail.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace switchboard::actors {

/// A map by id that finds the entry it found last without hashing: audio of an item nearly always
/// follows other audio of the same item. How many entries there are is its owner's to bound. Not
/// thread-safe.
template <class Value>
class latest_map {
  using map = std::unordered_map<std::string, Value>;

public:
  /// @returns null if there is none; else it stays where it is until it is erased.
  Value* find(std::string_view id) {
    if (latest_ != nullptr) {
      touched(latest_, sizeof *latest_);
      touched(latest_->first.data(), latest_->first.size());
      if (latest_->first == id)
        return &latest_->second;
    }
    const auto found = lookup(id);
    if (found == entries_.end())
      return nullptr;
    latest_ = &*found;
    return &latest_->second;
  }
  /// The entry of this id, which is `value` if it was not there before.
  Value& add(std::string_view id, Value value) {
    latest_ = &*entries_.emplace(std::string{id}, std::move(value)).first;
    return latest_->second;
  }
  /// @returns whether it was there.
  bool erase(std::string_view id) {
    const auto found = lookup(id);
    if (found == entries_.end())
      return false;
    if (latest_ == &*found)
      latest_ = nullptr;
    entries_.erase(found);
    return true;
  }
  void clear() {
    latest_ = nullptr;
    entries_.clear();
  }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

private:
  auto lookup(std::string_view id) {
    key_.assign(id); // keeps its memory
    return entries_.find(key_);
  }

  map entries_;
  typename map::value_type* latest_ = nullptr;
  std::string key_;
};

} // namespace switchboard::actors
