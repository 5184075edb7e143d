#include "conf/defaults/storage.hpp"
#include "storage/sqlite_rows.hpp"
#include "storage/sqlite_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <variant>

namespace switchboard::storage::sqlite {
namespace {

/// A WHERE clause and its values, built together so that the two cannot go apart.
class where {
public:
  template <class... Values>
  void add(const char* condition, const Values&... values) {
    sql_ += sql_.empty() ? " WHERE " : " AND ";
    sql_ += condition;
    (values_.emplace_back(values), ...);
  }
  const std::string& sql() const { return sql_; }
  void bind(binder& out) const {
    for (const auto& value : values_) {
      std::visit([&](const auto& x) { out << x; }, value);
    }
  }

private:
  std::string sql_;
  std::vector<std::variant<int64_t, std::string>> values_;
};

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Whether full-text search can find anything of it: a letter, a digit or a non-ASCII character.
bool has_token(const std::string& word) {
  return std::any_of(word.begin(), word.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

/// Splits at white space and makes each word an FTS5 string, so that no word is syntax.
std::vector<std::string> quoted_words(const std::string& text) {
  std::vector<std::string> words;
  for (size_t at = 0; at < text.size() && words.size() < defaults::storage::search_words_max;) {
    if (is_space(text[at]) || text[at] == '\0') {
      ++at;
      continue;
    }
    std::string word;
    for (; at < text.size() && !is_space(text[at]) && text[at] != '\0'; ++at) {
      word += text[at];
      if (text[at] == '"') {
        word += '"';
      }
    }
    if (has_token(word)) {
      words.push_back('"' + word + '"');
    }
  }
  return words;
}

void add_words(where& out, const std::string& text) {
  const auto words = quoted_words(text);
  if (words.empty() && !std::all_of(text.begin(), text.end(), is_space)) {
    out.add("0"); // nothing but punctuation: found nowhere
  }
  for (const auto& word : words) {
    out.add("seq IN (SELECT rowid FROM notes_fts WHERE notes_fts MATCH ? UNION"
            " SELECT called.seq FROM transcripts_fts"
            " JOIN transcripts AS said ON said.seq = transcripts_fts.rowid"
            " JOIN calls AS called ON called.id = said.call_id WHERE transcripts_fts MATCH ?)",
            word, word);
  }
}

where conditions(const call_query& x) {
  where out;
  if (x.caller) {
    out.add("instr(lower(caller), lower(?)) > 0", *x.caller);
  }
  if (x.agent) {
    out.add("instr(lower(agent), lower(?)) > 0", *x.agent);
  }
  if (x.sentiment) {
    out.add("id IN (SELECT call_id FROM analytics WHERE sentiment = ? COLLATE NOCASE)",
            *x.sentiment);
  }
  if (x.created_from) {
    out.add("created_at >= ?", *x.created_from);
  }
  if (x.created_to) {
    out.add("created_at <= ?", *x.created_to);
  }
  if (x.status) {
    out.add("status = ?", std::string(to_string(*x.status)));
  }
  if (x.words) {
    add_words(out, *x.words);
  }
  return out;
}

/// Exact. What the rollups know is not counted row by row.
int64_t count(connection& db, const call_query& x, const where& filter) {
  if (!x.caller && !x.agent && !x.sentiment && !x.words) {
    return count_calls(db, x.created_from, x.created_to, x.status);
  }
  running counted(db.prepare("SELECT count(*) FROM calls" + filter.sql()));
  binder bind(*counted);
  filter.bind(bind);
  return counted->executeStep() ? counted->getColumn(0).getInt64() : 0;
}

std::vector<call_details> read_page(connection& db, const where& filter, bool newest_first,
                                    int64_t limit, int64_t offset) {
  const std::string order = newest_first ? " DESC" : "";
  running page(db.prepare("SELECT " + std::string(call_columns) + " FROM calls" + filter.sql() +
                          " ORDER BY created_at" + order + ", seq" + order + " LIMIT ? OFFSET ?"));
  binder bind(*page);
  filter.bind(bind);
  bind << limit << offset;
  std::vector<call_details> calls;
  while (page->executeStep()) {
    calls.emplace_back().call = read_call(*page);
  }
  return calls;
}

} // namespace

call_page search(connection& db, const call_query& x) {
  const auto filter = conditions(x);
  call_page page;
  page.total = count(db, x, filter);
  const auto offset = std::max<int64_t>(x.offset, 0);
  const auto limit = std::min({std::max<int64_t>(x.limit, 0), defaults::storage::page_rows_max,
                               std::max<int64_t>(page.total - offset, 0)});
  if (limit == 0) {
    return page;
  }
  // An offset is walked row by row: from the nearer end.
  const auto behind = page.total - offset - limit;
  if (offset <= behind) {
    page.calls = read_page(db, filter, true, limit, offset);
  } else {
    page.calls = read_page(db, filter, false, limit, behind);
    std::reverse(page.calls.begin(), page.calls.end());
  }
  read_relations(db, page.calls);
  return page;
}

} // namespace switchboard::storage::sqlite
