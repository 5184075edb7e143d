#include "http/places.hpp"

namespace switchboard::http {

places::places(size_t per_name_max) : per_name_max_(per_name_max) {}

places::place places::take(const std::string& name) {
  auto& count = (*book_)[name];
  if (per_name_max_ != 0 && count >= per_name_max_)
    return nullptr;
  ++count;
  // The pointer is never followed: it only has to be one that is not null.
  return {book_.get(), [book = book_, name](void*) {
            auto found = book->find(name);
            if (--found->second == 0)
              book->erase(found);
          }};
}

size_t places::taken(const std::string& name) const {
  auto found = book_->find(name);
  return found == book_->end() ? 0 : found->second;
}

} // namespace switchboard::http
