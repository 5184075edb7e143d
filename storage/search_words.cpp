#include "storage/search_words.hpp"

#include "conf/defaults/storage.hpp"
#include "storage/sqlite_rows.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <vector>

namespace switchboard::storage::sqlite {
namespace {

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

/// The calls that have the word. A row of the turns' index tells its call (migrations/0006).
const std::string calls_with_word =
    "SELECT DISTINCT rowid >> 32 FROM transcripts_fts WHERE transcripts_fts MATCH ?1 UNION ALL"
    " SELECT rowid FROM notes_fts WHERE notes_fts MATCH ?1";

void run_with(connection& db, const std::string& sql, const std::string& word) {
  running statement(db.prepare(sql));
  binder(*statement) << word;
  statement->exec();
}

} // namespace

const char* const found_calls_sql = "CREATE TEMP TABLE found_calls (seq INTEGER PRIMARY KEY)";

bool find_words(connection& db, const std::string& text) {
  const auto words = quoted_words(text);
  if (words.empty() && std::all_of(text.begin(), text.end(), is_space)) {
    return false;
  }
  db.run("DELETE FROM temp.found_calls");
  for (size_t i = 0; i < words.size(); ++i) {
    if (i == 0) {
      run_with(db, "INSERT OR IGNORE INTO temp.found_calls " + calls_with_word, words[i]);
    } else {
      run_with(db, "DELETE FROM temp.found_calls WHERE seq NOT IN (" + calls_with_word + ")",
               words[i]);
    }
  }
  return true; // nothing but punctuation: found nowhere
}

} // namespace switchboard::storage::sqlite
