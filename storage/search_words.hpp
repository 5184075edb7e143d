#pragma once

#include "storage/sqlite_connection.hpp"

#include <string>

namespace switchboard::storage::sqlite {

/// The connection's own table of the calls that have the words of a search: found_calls(seq).
extern const char* const found_calls_sql;

/// Fills found_calls with the calls in whose turns or notes each word is found; white space parts
/// words. Only before the transaction ends, which empties it again. Throws SQLite::Exception.
/// @returns whether there was anything to look for: without words nothing is filtered.
bool find_words(connection& db, const std::string& text);

} // namespace switchboard::storage::sqlite
