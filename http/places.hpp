#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace switchboard::http {

/// Bounds how many of something each name may have at once: connections of an address, downloads.
/// Pure; one thread. Names without a place cost nothing.
class places {
public:
  /// Held by whoever has the place; it is free again when the last copy is gone, which may be after
  /// the `places` themselves.
  using place = std::shared_ptr<void>;

  /// @param per_name_max 0 = no bound.
  explicit places(size_t per_name_max);

  /// @returns nullptr if the name has all it may have.
  place take(const std::string& name);
  size_t taken(const std::string& name) const;
  size_t names() const { return book_->size(); }

private:
  using book = std::unordered_map<std::string, size_t>;
  size_t per_name_max_;
  std::shared_ptr<book> book_ = std::make_shared<book>();
};

} // namespace switchboard::http
