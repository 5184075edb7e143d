#include "storage/storage_error.hpp"

namespace switchboard::storage {

const char* to_string(storage_error x) {
  switch (x) {
  case storage_error::none:
    return "none";
  case storage_error::not_found:
    return "not_found";
  case storage_error::duplicate:
    return "duplicate";
  case storage_error::busy:
    return "busy";
  case storage_error::full:
    return "full";
  case storage_error::read_only:
    return "read_only";
  case storage_error::corrupt:
    return "corrupt";
  case storage_error::newer_schema:
    return "newer_schema";
  case storage_error::io:
    return "io";
  case storage_error::still_active:
    return "still_active";
  case storage_error::bad_argument:
    return "bad_argument";
  }
  return "unknown";
}

} // namespace switchboard::storage
