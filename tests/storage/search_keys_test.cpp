#define CAF_SUITE search_keys
#define FAIL CAF_FAIL
#include "tests/storage/store_fixture.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <random>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;
using test::names;

namespace {

/// One text of all rows, to compare two queries by.
std::string text_of(SQLite::Database& db, const std::string& sql) {
  std::string text;
  SQLite::Statement rows(db, sql);
  while (rows.executeStep()) {
    for (int i = 0; i < rows.getColumnCount(); ++i) {
      text += rows.getColumn(i).getString() + (i + 1 < rows.getColumnCount() ? "," : "\n");
    }
  }
  return text;
}

std::string quoted(const std::string& text) {
  std::string sql = "'";
  for (char c : text) {
    sql += c;
    if (c == '\'') {
      sql += c;
    }
  }
  return sql + "'";
}

struct fixture : test::store_fixture {
  SQLite::Database raw{path, SQLite::OPEN_READWRITE};
  std::mt19937 random{4711}; // any seed
  fixture() { raw.exec("PRAGMA foreign_keys=ON"); }

  int below(int end) { return std::uniform_int_distribution<int>{0, end - 1}(random); }

  /// Calls with few callers, agents, sentiments, words and instants, so that all of them meet.
  void fill(int calls) {
    static const names callers{"+1555", "+1556", "Anna", "ANNA B", "100%"};
    static const names agents{"Billing", "support", "Support 2"};
    static const names moods{"positive", "Positive", "neutral", "negative"};
    static const names words{"refund", "order number", "Thank you", "it's the refund"};
    CAF_REQUIRE(store->begin());
    for (int i = 0; i < calls; ++i) {
      auto x = call("CA" + std::to_string(i));
      x.caller = callers[static_cast<size_t>(below(5))];
      x.agent = agents[static_cast<size_t>(below(3))];
      const auto row = *store->create_call(x, 1000 + below(calls / 3));
      for (int j = below(3); j > 0; --j) {
        feel(row, moods[static_cast<size_t>(below(4))]);
        say(row, words[static_cast<size_t>(below(4))]);
      }
      call_update change;
      if (below(3) == 0) {
        change.status = below(2) == 0 ? call_status::completed : call_status::failed;
      }
      if (below(4) == 0) {
        change.notes = words[static_cast<size_t>(below(4))];
      }
      CAF_REQUIRE(store->update_call(row.id, change, 1));
    }
    CAF_REQUIRE(store->commit());
  }

  call_query any_query() {
    call_query x;
    if (below(3) == 0) {
      x.caller = names{"155", "+1556", "anna", "a", "%", "nobody"}[static_cast<size_t>(below(6))];
    }
    if (below(3) == 0) {
      x.agent = names{"SUPPORT", "support 2", "i"}[static_cast<size_t>(below(3))];
    }
    if (below(3) == 0) {
      x.sentiment = names{"POSITIVE", "negative", "none"}[static_cast<size_t>(below(3))];
    }
    if (below(3) == 0) {
      x.words = names{"refund", "order", "refund thank", "absent"}[static_cast<size_t>(below(4))];
    }
    if (below(3) == 0) {
      x.status = below(2) == 0 ? call_status::active : call_status::failed;
    }
    if (below(4) == 0) {
      x.created_from = 1000 + below(50);
    }
    if (below(4) == 0) {
      x.created_to = 1000 + below(60);
    }
    return x;
  }

  /// What a scan of all rows finds, newest first. Each word is looked for as text, which is the
  /// same for the words above.
  names scan(const call_query& x) {
    std::string sql = "SELECT call_sid FROM calls WHERE 1";
    const auto contains = [](const std::string& column, const std::string& part) {
      return " AND instr(lower(" + column + "), lower(" + quoted(part) + ")) > 0";
    };
    sql += x.caller ? contains("caller", *x.caller) : "";
    sql += x.agent ? contains("agent", *x.agent) : "";
    if (x.sentiment) {
      sql += " AND EXISTS (SELECT 1 FROM analytics WHERE call_id = calls.id AND"
             " lower(sentiment) = lower(" +
             quoted(*x.sentiment) + "))";
    }
    for (const auto* word : {"refund", "order", "thank", "absent"}) {
      if (x.words && x.words->find(word) != std::string::npos) {
        sql += " AND (instr(lower(coalesce(notes, '')), '" + std::string(word) +
               "') > 0 OR EXISTS (SELECT 1 FROM transcripts WHERE call_id = calls.id AND"
               " instr(lower(text), '" +
               word + "') > 0))";
      }
    }
    sql += x.status ? " AND status = " + quoted(to_string(*x.status)) : "";
    sql += x.created_from ? " AND created_at >= " + std::to_string(*x.created_from) : "";
    sql += x.created_to ? " AND created_at <= " + std::to_string(*x.created_to) : "";
    names found;
    SQLite::Statement rows(raw, sql + " ORDER BY created_at DESC, seq DESC");
    while (rows.executeStep()) {
      found.push_back(rows.getColumn(0).getString());
    }
    return found;
  }

  /// Whether what triggers keep is what a scan of all rows gives.
  void check_in_step() {
    CAF_CHECK_EQUAL(
        text_of(raw, "SELECT * FROM call_totals WHERE calls > 0 ORDER BY status"),
        text_of(raw, "SELECT status, count(*), coalesce(sum(duration_s), 0), count(duration_s)"
                     " FROM calls GROUP BY status ORDER BY status"));
    CAF_CHECK_EQUAL(
        text_of(raw, "SELECT * FROM sentiment_totals WHERE snapshots > 0 ORDER BY sentiment"),
        text_of(raw, "SELECT sentiment, count(*) FROM analytics WHERE sentiment IS NOT NULL"
                     " GROUP BY sentiment ORDER BY sentiment"));
    CAF_CHECK_EQUAL(text_of(raw, "SELECT role, folded, calls FROM call_parties ORDER BY 1, 2"),
                    text_of(raw, "SELECT 'agent', lower(agent), count(*) FROM calls GROUP BY 2"
                                 " UNION ALL SELECT 'caller', lower(caller), count(*) FROM calls"
                                 " GROUP BY 2 ORDER BY 1, 2"));
    CAF_CHECK_EQUAL(
        text_of(raw, "SELECT lower(sentiment), created_at, seq FROM call_sentiments"
                     " ORDER BY 1, 2, 3"),
        text_of(raw, "SELECT DISTINCT lower(sentiment), calls.created_at, calls.seq FROM analytics"
                     " JOIN calls ON calls.id = call_id WHERE sentiment IS NOT NULL"
                     " ORDER BY 1, 2, 3"));
    raw.exec("INSERT INTO transcripts_fts (transcripts_fts, rank) VALUES ('integrity-check', 1)");
    CAF_CHECK_EQUAL(text_of(raw, "SELECT rowid FROM transcripts_fts ORDER BY 1"),
                    text_of(raw, "SELECT key FROM transcript_words ORDER BY 1"));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(search_keys_tests, fixture)

CAF_TEST(every filter and page is what a scan of all rows gives) {
  fill(150);
  int found = 0;
  for (int i = 0; i < 400; ++i) {
    auto query = any_query();
    const auto all = scan(query);
    const auto size = static_cast<int>(all.size());
    query.limit = 1 + below(9);
    query.offset = below(size + 2);
    const auto page = store->search_calls(query);
    CAF_REQUIRE(page);
    CAF_CHECK_EQUAL(page->total, size);
    const auto from = std::min<int64_t>(query.offset, size);
    const auto to = std::min<int64_t>(from + query.limit, size);
    CAF_CHECK(find(query) == names(all.begin() + from, all.begin() + to));
    found += size > 0 ? 1 : 0;
  }
  CAF_CHECK(found > 100);
}

CAF_TEST(what lists are searched by follows every change) {
  fill(40);
  check_in_step();
  for (const auto* change :
       {"UPDATE calls SET caller = 'Zoe', agent = upper(agent) WHERE seq % 3 = 0",
        "UPDATE calls SET status = 'completed' WHERE seq % 4 = 0",
        "UPDATE calls SET duration_s = seq WHERE seq % 5 = 0",
        "UPDATE calls SET duration_s = NULL, status = 'failed' WHERE seq % 10 = 0",
        "UPDATE calls SET created_at = created_at - 500 WHERE seq % 2 = 0",
        "UPDATE analytics SET sentiment = 'NEUTRAL' WHERE seq % 3 = 0",
        "UPDATE analytics SET sentiment = NULL WHERE seq % 5 = 0",
        "UPDATE analytics SET call_id = (SELECT id FROM calls WHERE seq = 1) WHERE seq % 4 = 0",
        "DELETE FROM analytics WHERE seq % 6 = 0", "UPDATE transcripts SET text = 'other words'",
        "UPDATE transcripts SET call_id = (SELECT id FROM calls WHERE seq = 2) WHERE seq % 3 = 0",
        "UPDATE transcripts SET seq = seq + 1000 WHERE seq % 7 = 0",
        "DELETE FROM transcripts WHERE seq % 5 = 0", "DELETE FROM calls WHERE seq % 2 = 0",
        "VACUUM"}) {
    CAF_MESSAGE(change);
    raw.exec(change);
    check_in_step();
  }
  raw.exec("DELETE FROM calls");
  check_in_step();
  // Nothing is left that would tell who called.
  CAF_CHECK_EQUAL(text_of(raw, "SELECT * FROM call_parties"), "");
  CAF_CHECK_EQUAL(text_of(raw, "SELECT * FROM call_sentiments"), "");
}

CAF_TEST(the key of a call cannot change under its turns) {
  add("CA1");
  bool refused = false;
  try {
    raw.exec("UPDATE calls SET seq = 77");
  } catch (const SQLite::Exception&) {
    refused = true;
  }
  CAF_CHECK(refused);
  raw.exec("UPDATE calls SET seq = seq");
  check_in_step();
}

CAF_TEST(a search leaves nothing for the next one) {
  say(add("CA1"), "refund");
  say(add("CA2"), "order");
  call_query query;
  for (const auto& [words, sid] : {std::pair{"refund", "CA1"}, std::pair{"order", "CA2"}}) {
    query.words = words;
    CAF_CHECK(find(query) == names{sid});
  }
  CAF_REQUIRE(store->begin()); // in a group there is no transaction of its own to end
  for (const auto& [words, sid] : {std::pair{"refund", "CA1"}, std::pair{"order", "CA2"}}) {
    query.words = words;
    CAF_CHECK(find(query) == names{sid});
  }
  CAF_REQUIRE(store->commit());
  auto reader = open(true);
  query.words = "refund";
  CAF_CHECK(reader->search_calls(query)->total == 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
