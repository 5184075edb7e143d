#pragma once

#include "storage/records.hpp"

#include <optional>
#include <string>

namespace SQLite {
class Statement;
} // namespace SQLite

/// Rows between C++ and SQL: the column lists and their readers, side by side in one place.
namespace switchboard::storage::sqlite {

extern const char* const call_columns;
extern const char* const recording_columns;
extern const char* const transcript_columns;
extern const char* const analytics_columns;
extern const char* const metadata_columns;

call_row read_call(SQLite::Statement&);
recording_row read_recording(SQLite::Statement&);
transcript_row read_transcript(SQLite::Statement&);
analytics_row read_analytics(SQLite::Statement&);
metadata_row read_metadata(SQLite::Statement&);

std::optional<call_status> status_from(const std::string& text);

/// Binds values in order of their `?`; an empty optional is NULL.
class binder {
public:
  explicit binder(SQLite::Statement& statement) : statement_(statement) {}
  binder& operator<<(const std::string&);
  binder& operator<<(const char*);
  binder& operator<<(int64_t);
  binder& operator<<(int32_t x) { return *this << static_cast<int64_t>(x); }
  binder& operator<<(double);
  /// Not inlined: g++ 12 would warn of an empty optional's value, which is not read.
  binder& operator<<(const std::optional<int64_t>&);
  template <class T>
  binder& operator<<(const std::optional<T>& x) {
    return x ? *this << *x : null();
  }

private:
  binder& null();
  SQLite::Statement& statement_;
  int next_ = 1;
};

} // namespace switchboard::storage::sqlite
