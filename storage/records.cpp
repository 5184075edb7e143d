#include "storage/records.hpp"

namespace switchboard::storage {

const char* to_string(call_status x) {
  switch (x) {
  case call_status::active:
    return "active";
  case call_status::completed:
    return "completed";
  case call_status::failed:
    return "failed";
  }
  return "failed";
}

const char* to_string(speaker x) {
  return x == speaker::user ? "user" : "assistant";
}

} // namespace switchboard::storage
