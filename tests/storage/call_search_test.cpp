#define CAF_SUITE call_search
#define FAIL CAF_FAIL
#include "conf/defaults/storage.hpp"
#include "storage/call_store.hpp"
#include "tests/storage/store_fixture.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <random>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;
using test::names;

namespace {

struct fixture : test::store_fixture {
  call_row add_from(const std::string& sid, const std::string& caller) {
    auto x = call(sid);
    x.caller = caller;
    return *store->create_call(x, 1000);
  }
  names by_caller(const std::string& part) {
    call_query x;
    x.caller = part;
    return find(x);
  }
  names by_words(const std::string& words) {
    call_query x;
    x.words = words;
    return find(x);
  }
};

/// Whether an index holds exactly what its content has (FTS5 manual, section 6.6: with a rank, both
/// are compared).
bool index_in_step(SQLite::Database& db, const std::string& index) {
  return db.tryExec("INSERT INTO " + index + " (" + index +
                    ", rank) VALUES ('integrity-check', 1)") == SQLite::OK;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(call_search_tests, fixture)

CAF_TEST(an empty database gives an empty page) {
  const auto page = store->search_calls({});
  CAF_REQUIRE(page);
  CAF_CHECK_EQUAL(page->total, 0);
  CAF_CHECK(page->calls.empty());
}

CAF_TEST(pages are newest first and stable among equal instants) {
  names all;
  for (int i = 0; i < 57; ++i) {
    const auto sid = "CA" + std::to_string(100 + i);
    add(sid, 1000 + i / 10); // ten calls share each instant
    all.insert(all.begin(), sid);
  }
  for (const int64_t size : {1, 7, 10, 57, 100}) {
    names pages;
    for (int64_t offset = 0; offset < 60; offset += size) {
      call_query x;
      x.limit = size;
      x.offset = offset;
      const auto page = find(x);
      pages.insert(pages.end(), page.begin(), page.end());
    }
    CAF_CHECK(pages == all);
  }
  call_query beyond;
  beyond.offset = INT64_MAX;
  CAF_CHECK(find(beyond).empty());
  CAF_CHECK(store->search_calls(beyond)->total == 57);
}

CAF_TEST(wildcards typed by a person are characters) {
  add_from("CA1", "100% sure");
  add_from("CA2", "under_score");
  add_from("CA3", "plain");
  CAF_CHECK(by_caller("%") == names{"CA1"});
  CAF_CHECK(by_caller("_") == names{"CA2"});
  CAF_CHECK(by_caller("0%") == names{"CA1"});
  CAF_CHECK(by_caller("a%n").empty());
  CAF_CHECK(by_caller("'; DROP TABLE calls; --").empty());
  CAF_CHECK(by_caller("\"").empty());
  CAF_CHECK(by_caller("\\").empty());
}

CAF_TEST(case is folded for ASCII and nothing else) {
  add_from("CA1", "J\xc3\xbcrgen Smith"); // small u with dots
  CAF_CHECK(by_caller("SMITH") == names{"CA1"});
  CAF_CHECK(by_caller("j\xc3\xbcRGEN") == names{"CA1"});
  CAF_CHECK(by_caller("J\xc3\x9cRGEN").empty()); // capital U with dots
}

CAF_TEST(the agent filter works like the caller filter) {
  auto x = call("CA1");
  x.agent = "Billing_Bot";
  store->create_call(x, 1);
  add("CA2");
  call_query query;
  query.agent = "g_B";
  CAF_CHECK(find(query) == names{"CA1"});
}

CAF_TEST(a sentiment matches any snapshot in any case) {
  const auto a = add("CA1");
  const auto b = add("CA2");
  feel(a, "negative");
  feel(a, "Positive");
  feel(b, "neutral");
  call_query query;
  query.sentiment = "POSITIVE";
  CAF_CHECK(find(query) == names{"CA1"});
  query.sentiment = "neutral";
  CAF_CHECK(find(query) == names{"CA2"});
  query.sentiment = "neut";
  CAF_CHECK(find(query).empty());
}

CAF_TEST(a range of creation includes both its ends) {
  for (int i = 1; i <= 5; ++i) {
    add("CA" + std::to_string(i), i * 100);
  }
  call_query query;
  query.created_from = 200;
  query.created_to = 400;
  CAF_CHECK(find(query) == (names{"CA4", "CA3", "CA2"}));
  query.created_to.reset();
  CAF_CHECK(find(query) == (names{"CA5", "CA4", "CA3", "CA2"}));
  query.created_from = 600;
  CAF_CHECK(find(query).empty());
}

CAF_TEST(filters together all hold and the total counts them) {
  for (int i = 0; i < 30; ++i) {
    const auto row = add_from("CA" + std::to_string(100 + i), i % 2 == 0 ? "Even" : "Odd");
    if (i % 3 == 0) {
      feel(row, "positive");
      feel(row, "positive");
    }
    if (i % 5 == 0) {
      call_update end;
      end.status = call_status::completed;
      store->update_call(row.id, end, 1);
    }
  }
  call_query query;
  query.caller = "even";
  query.sentiment = "positive";
  query.limit = 2;
  auto page = store->search_calls(query);
  CAF_REQUIRE(page);
  CAF_CHECK_EQUAL(page->total, 5);
  CAF_CHECK(find(query) == (names{"CA124", "CA118"}));
  query.offset = 3;
  CAF_CHECK(find(query) == (names{"CA106", "CA100"}));
  query.offset = 0;
  query.status = call_status::completed;
  CAF_CHECK(find(query) == names{"CA100"});
  CAF_CHECK(store->search_calls(query)->calls[0].analytics.size() == 2);
}

CAF_TEST(a page carries the relations of each of its calls) {
  std::vector<call_row> rows;
  for (int i = 0; i < 20; ++i) {
    rows.push_back(add("CA" + std::to_string(100 + i), 1000 + i));
    for (int j = 0; j < 5; ++j) {
      say(rows.back(), rows.back().call_sid + " turn " + std::to_string(j), j);
    }
  }
  call_query query;
  query.limit = 13;
  const auto page = store->search_calls(query);
  CAF_REQUIRE(page);
  CAF_REQUIRE_EQUAL(page->calls.size(), 13u);
  for (const auto& x : page->calls) {
    CAF_REQUIRE_EQUAL(x.transcripts.size(), 5u);
    CAF_CHECK_EQUAL(x.transcripts[3].text, x.call.call_sid + " turn 3");
  }
}

CAF_TEST(words are found in what was said and in notes) {
  const auto a = add("CA1", 1);
  const auto b = add("CA2", 2);
  say(a, "I would like to cancel my Order");
  say(a, "the blue one");
  say(b, "cancelled, thank you");
  call_update note;
  note.notes = "asked about the order";
  store->update_call(b.id, note, 3);
  CAF_CHECK(by_words("order") == (names{"CA2", "CA1"}));
  CAF_CHECK(by_words("ORDER cancel") == names{"CA1"});
  CAF_CHECK(by_words("cancel blue") == names{"CA1"}); // in different turns of one call
  CAF_CHECK(by_words("order thank") == names{"CA2"}); // note and turn
  CAF_CHECK(by_words("purple").empty());
  CAF_CHECK_EQUAL(by_words("").size(), 2u); // no words: no filter
  CAF_CHECK_EQUAL(by_words(" \t ").size(), 2u);
}

CAF_TEST(the search syntax of the index cannot be reached) {
  const auto a = add("CA1");
  say(a, "near or not AND \"quoted\" text: don't");
  for (const auto* words : {"\"", "*", "(", "NEAR(", "a* OR b", "text:", "^", "-", "+", "{a b}:c",
                            "\"\"\"", "AND", "NOT", "%", "don't", "\xff\xfe", "\xe2\x80\x94"}) {
    const auto found = by_words(words);
    CAF_CHECK(found.empty() || found == names{"CA1"});
  }
  CAF_CHECK(by_words("\"quoted\"") == names{"CA1"});
  CAF_CHECK(by_words("AND") == names{"CA1"});
  CAF_CHECK(by_words("%").empty());
  CAF_CHECK(by_words("near %") == names{"CA1"});
  CAF_CHECK(by_words("don't") == names{"CA1"});
}

CAF_TEST(more words than the bound are left out) {
  const auto a = add("CA1");
  say(a, "word");
  std::string words;
  for (size_t i = 0; i < defaults::storage::search_words_max; ++i) {
    words += "word ";
  }
  CAF_CHECK(by_words(words) == names{"CA1"});
  CAF_CHECK(by_words(words + "absent") == names{"CA1"});
  CAF_CHECK(by_words(words + std::string(100'000, 'x')) == names{"CA1"});
}

CAF_TEST(the index follows changed texts and notes) {
  const auto a = add("CA1");
  auto x = say(a, "hello there");
  x.text = "goodbye";
  store->create_transcript(x, 2);
  CAF_CHECK(by_words("hello").empty());
  CAF_CHECK(by_words("goodbye") == names{"CA1"});
  for (const auto* text : {"first", "second", "second"}) {
    call_update note;
    note.notes = text;
    store->update_call(a.id, note, 3);
  }
  CAF_CHECK(by_words("first").empty());
  CAF_CHECK(by_words("second") == names{"CA1"});
}

CAF_TEST(whatever changes the index holds what the rows say and no more) {
  SQLite::Database raw(path, SQLite::OPEN_READWRITE);
  raw.exec("PRAGMA foreign_keys=ON");
  std::mt19937 random{20260101}; // any seed
  std::vector<transcript_row> said;
  for (int i = 0; i < 400; ++i) {
    auto words = "word" + std::to_string(random() % 50) + " number" + std::to_string(i);
    const auto what = random() % 6;
    if (what < 2 || said.empty()) {
      const auto to = add("CA" + std::to_string(random() % 40));
      said.push_back(say(to, words));
    } else if (auto& x = said[random() % said.size()]; what < 4) {
      x.text = words;
      x.removed = what == 3 && i % 2 == 0;
      ++x.version;
      store->create_transcript(x, 2);
    } else if (what == 4) {
      call_update note;
      note.notes = words;
      store->update_call(x.call_id, note, 3);
    } else {
      raw.exec("UPDATE calls SET status = 'completed' WHERE id = '" + x.call_id + "'");
      if (store->begin_erasure(x.call_id, "x", 4)) {
        CAF_REQUIRE(store->finish_erasure(x.call_id, 5));
      }
    }
  }
  CAF_CHECK_GREATER(raw.execAndGet("SELECT count(*) FROM transcripts").getInt(), 5);
  CAF_CHECK(index_in_step(raw, "transcripts_fts"));
  CAF_CHECK(index_in_step(raw, "notes_fts"));
  raw.exec("DROP TRIGGER transcripts_fts_delete; DELETE FROM transcripts WHERE seq ="
           " (SELECT max(seq) FROM transcripts)");
  CAF_CHECK(!index_in_step(raw, "transcripts_fts")); // the check would see it
}

CAF_TEST(a passed deadline is busy and the store goes on) {
  for (int i = 0; i < 300; ++i) {
    say(add("CA" + std::to_string(i)), "some text of a turn");
  }
  auto reader = open(true);
  CAF_REQUIRE(reader);
  reader->set_deadline(std::chrono::steady_clock::now());
  CAF_CHECK(reader->search_calls({}).code() == storage_error::busy);
  reader->set_deadline(std::chrono::steady_clock::time_point::max());
  CAF_CHECK(reader->search_calls({}));
}

CAF_TEST(every combination of filters is answered within the statements kept) {
  add("CA1");
  for (int bits = 0; bits < 128; ++bits) {
    call_query x;
    if ((bits & 1) != 0) {
      x.caller = "1";
    }
    if ((bits & 2) != 0) {
      x.agent = "a";
    }
    if ((bits & 4) != 0) {
      x.sentiment = "none";
    }
    if ((bits & 8) != 0) {
      x.created_from = 1;
    }
    if ((bits & 16) != 0) {
      x.created_to = 5000;
    }
    if ((bits & 32) != 0) {
      x.status = call_status::active;
    }
    if ((bits & 64) != 0) {
      x.words = "none";
    }
    const auto page = store->search_calls(x);
    CAF_REQUIRE(page);
    CAF_CHECK_EQUAL(page->total, (bits & (4 | 64)) == 0 ? 1 : 0);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
