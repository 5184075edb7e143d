#pragma once

namespace switchboard::storage::migrations {

/// The SQL of each version, in order. A released one is never changed: what it got wrong is put
/// right by a further one. What the tables mean: docs/schema.md.
extern const char* const v0001_calls;
extern const char* const v0002_search;
extern const char* const v0003_generated_text;
extern const char* const v0004_erasures;
extern const char* const v0005_rollups;
extern const char* const v0006_search_keys;

struct migration {
  int version;
  const char* name;
  const char* sql;
};

inline const migration all[] = {
    {1, "calls", v0001_calls},
    {2, "search", v0002_search},
    {3, "generated_text", v0003_generated_text},
    {4, "erasures", v0004_erasures},
    {5, "rollups", v0005_rollups},
    {6, "search_keys", v0006_search_keys},
};

inline constexpr int latest = 6;
static_assert(sizeof(all) / sizeof(all[0]) == latest);

} // namespace switchboard::storage::migrations
