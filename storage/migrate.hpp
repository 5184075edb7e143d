#pragma once

#include "storage/call_store.hpp"
#include "storage/sqlite_connection.hpp"

#include <string>

namespace switchboard::storage::sqlite {

/// The version in the file: 0 for an empty one.
/// @returns corrupt for a database that is not Switchboard's, newer_schema for one ahead of us.
result<int> schema_version(connection&);

/// Applies what is outstanding, each version in a transaction of its own. An older database with
/// content is copied to `<path>.before-v<latest>` first.
result<migration_status> apply_migrations(connection&, const std::string& path);

} // namespace switchboard::storage::sqlite
