#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace switchboard::storage {

/// What storage can answer instead of a result.
enum class storage_error : uint8_t {
  none,
  not_found,    ///< no such row
  duplicate,    ///< a unique key exists already
  busy,         ///< the database is locked, or the deadline passed
  full,         ///< no space left
  read_only,    ///< the file or directory cannot be written
  corrupt,      ///< the file is not what it should be
  newer_schema, ///< made by a newer Switchboard; refused
  io,           ///< any other I/O failure
  still_active, ///< the call goes on
  bad_argument, ///< the caller's mistake
};

const char* to_string(storage_error);

/// Either a value or an error with a text for the log (never for an API answer).
template <class T>
class result {
public:
  result(T value) : value_(std::move(value)) {} // NOLINT(google-explicit-constructor)
  result(storage_error code, std::string detail) : code_(code), detail_(std::move(detail)) {}
  explicit operator bool() const { return code_ == storage_error::none; }
  T& operator*() { return value_; }
  const T& operator*() const { return value_; }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }
  storage_error code() const { return code_; }
  const std::string& detail() const { return detail_; }

private:
  T value_{};
  storage_error code_ = storage_error::none;
  std::string detail_;
};

struct nothing {};

} // namespace switchboard::storage
