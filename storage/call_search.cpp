#include "conf/defaults/storage.hpp"
#include "storage/search_words.hpp"
#include "storage/sqlite_rows.hpp"
#include "storage/sqlite_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <array>
#include <limits>
#include <variant>

namespace switchboard::storage::sqlite {
namespace {

/// A WHERE clause and its values, built together so that the two cannot go apart.
class where {
public:
  template <class... Values>
  void add(const std::string& condition, const Values&... values) {
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

/// Where the calls of a list may be taken from; what else is asked of them is then checked row by
/// row. `calls` is all of them in a list's order (or those of a range, or of a status).
enum class source : uint8_t { calls, caller, agent, sentiment, words };
constexpr size_t sources = 5;

/// FROM and WHERE of a statement over `calls`, and the columns that a list is ordered by.
struct selection {
  std::string from = "calls";
  where filter;
  std::string created = "calls.created_at";
  std::string seq = "calls.seq";
};

/// One query on its way through SQLite: what it costs to take the calls from where, and the
/// cheapest way to count them and to read a page. It is SQLite's planner's work, but the planner
/// knows neither how many calls a part of a number matches nor that a total was counted already.
class call_list {
public:
  call_list(connection& db, const call_query& x);
  /// Exact. What triggers have counted is not counted again.
  int64_t total();
  std::vector<call_details> page(int64_t limit, int64_t offset, int64_t all);

private:
  bool filters_by(source from) const;
  bool is_counted(source from) const;
  int64_t rows(source from);
  int64_t count_rows(source from);
  int64_t count_party(const char* role, const std::string& part);
  source fewest();
  source cheapest(int64_t steps, int64_t all);
  selection select(source from) const;
  void take_from(source from, selection& out) const;
  void check(source from, selection& out) const;
  std::vector<call_details> read(const selection& from, bool newest_first, int64_t limit,
                                 int64_t offset);

  connection& db_;
  const call_query& x_;
  bool words_;
  std::array<std::optional<int64_t>, sources> rows_;
};

constexpr std::array<source, sources> all_sources{source::calls, source::caller, source::agent,
                                                  source::sentiment, source::words};

call_list::call_list(connection& db, const call_query& x)
    : db_(db), x_(x), words_(x.words && find_words(db, *x.words)) {}

bool call_list::filters_by(source from) const {
  switch (from) {
  case source::caller:
    return x_.caller.has_value();
  case source::agent:
    return x_.agent.has_value();
  case source::sentiment:
    return x_.sentiment.has_value();
  case source::words:
    return words_;
  case source::calls:
    break;
  }
  return true;
}

/// Whether the rows of this source are those of the query: nothing is left to be checked.
bool call_list::is_counted(source from) const {
  for (auto other : all_sources) {
    if (other != source::calls && other != from && filters_by(other)) {
      return false;
    }
  }
  const bool range = x_.created_from || x_.created_to;
  return from == source::calls || (!x_.status && (!range || from == source::sentiment));
}

int64_t call_list::rows(source from) {
  auto& known = rows_[static_cast<size_t>(from)];
  if (!known) {
    known = count_rows(from);
  }
  return *known;
}

int64_t call_list::count_party(const char* role, const std::string& part) {
  running counted(db_.prepare("SELECT sum(calls) FROM call_parties"
                              " WHERE role = ? AND instr(folded, lower(?)) > 0"));
  binder(*counted) << role << part;
  return counted->executeStep() ? counted->getColumn(0).getInt64() : 0;
}

int64_t call_list::count_rows(source from) {
  switch (from) {
  case source::calls:
    return count_calls(db_, x_.created_from, x_.created_to, x_.status);
  case source::caller:
    return count_party("caller", *x_.caller);
  case source::agent:
    return count_party("agent", *x_.agent);
  case source::words:
    return db_.integer("SELECT count(*) FROM temp.found_calls");
  case source::sentiment:
    break;
  }
  running counted(db_.prepare("SELECT count(*) FROM call_sentiments"
                              " WHERE sentiment = ? AND created_at BETWEEN ? AND ?"));
  binder(*counted) << *x_.sentiment << x_.created_from.value_or(std::numeric_limits<int64_t>::min())
                   << x_.created_to.value_or(std::numeric_limits<int64_t>::max());
  return counted->executeStep() ? counted->getColumn(0).getInt64() : 0;
}

source call_list::fewest() {
  auto best = source::calls;
  for (auto one : all_sources) {
    if (filters_by(one) && rows(one) < rows(best)) {
      best = one;
    }
  }
  return best;
}

int64_t call_list::total() {
  for (auto one : all_sources) {
    if (filters_by(one) && is_counted(one)) {
      return rows(one);
    }
  }
  const auto from = fewest();
  const auto chosen = select(from);
  running counted(db_.prepare("SELECT count(*) FROM " + chosen.from + chosen.filter.sql()));
  binder bind(*counted);
  chosen.filter.bind(bind);
  return counted->executeStep() ? counted->getColumn(0).getInt64() : 0;
}

/// A source in a list's order is left at the page's end, `steps` of the `all` calls that are
/// searched for; of another one all rows have to be sorted.
source call_list::cheapest(int64_t steps, int64_t all) {
  const auto share = static_cast<double>(steps) / static_cast<double>(std::max<int64_t>(all, 1));
  const auto cost = [&](source from) {
    const bool in_order = from == source::calls || from == source::sentiment;
    const auto each = in_order ? share : defaults::storage::sorted_row_cost;
    return static_cast<double>(rows(from)) * each;
  };
  auto best = source::calls;
  for (auto one : all_sources) {
    if (filters_by(one) && cost(one) < cost(best)) {
      best = one;
    }
  }
  return best;
}

/// The sign before party.folded takes its type, without which SQLite would not use the index of an
/// expression.
void call_list::take_from(source from, selection& out) const {
  switch (from) {
  case source::calls:
    return;
  case source::caller:
    out.from = "call_parties AS party CROSS JOIN calls ON lower(calls.caller) = +party.folded";
    return out.filter.add("party.role = 'caller' AND instr(party.folded, lower(?)) > 0",
                          *x_.caller);
  case source::agent:
    out.from = "call_parties AS party CROSS JOIN calls ON lower(calls.agent) = +party.folded";
    return out.filter.add("party.role = 'agent' AND instr(party.folded, lower(?)) > 0", *x_.agent);
  case source::sentiment:
    out.from = "call_sentiments AS felt CROSS JOIN calls ON calls.seq = felt.seq";
    out.created = "felt.created_at";
    out.seq = "felt.seq";
    return out.filter.add("felt.sentiment = ?", *x_.sentiment);
  case source::words:
    out.from = "temp.found_calls AS found CROSS JOIN calls ON calls.seq = found.seq";
    return;
  }
}

void call_list::check(source from, selection& out) const {
  switch (from) {
  case source::calls:
    return;
  case source::caller:
    return out.filter.add("instr(lower(calls.caller), lower(?)) > 0", *x_.caller);
  case source::agent:
    return out.filter.add("instr(lower(calls.agent), lower(?)) > 0", *x_.agent);
  case source::sentiment:
    return out.filter.add("EXISTS (SELECT 1 FROM call_sentiments AS felt WHERE felt.sentiment = ?"
                          " AND felt.created_at = calls.created_at AND felt.seq = calls.seq)",
                          *x_.sentiment);
  case source::words: // the sign keeps SQLite from beginning here
    return out.filter.add("+calls.seq IN (SELECT seq FROM temp.found_calls)");
  }
}

selection call_list::select(source from) const {
  selection out;
  take_from(from, out);
  for (auto other : all_sources) {
    if (other != from && filters_by(other)) {
      check(other, out);
    }
  }
  if (x_.created_from) {
    out.filter.add(out.created + " >= ?", *x_.created_from);
  }
  if (x_.created_to) {
    out.filter.add(out.created + " <= ?", *x_.created_to);
  }
  if (x_.status) {
    out.filter.add("calls.status = ?", std::string(to_string(*x_.status)));
  }
  return out;
}

/// First which calls, by what the indexes hold, then their rows: rows that are passed over or
/// sorted away are not read.
std::vector<call_details> call_list::read(const selection& from, bool newest_first, int64_t limit,
                                          int64_t offset) {
  const std::string way = newest_first ? " DESC" : "";
  running rows(db_.prepare("SELECT " + std::string(call_columns) + " FROM (SELECT " + from.seq +
                           " AS chosen FROM " + from.from + from.filter.sql() + " ORDER BY " +
                           from.created + way + ", " + from.seq + way +
                           " LIMIT ? OFFSET ?) CROSS JOIN calls ON calls.seq = chosen"
                           " ORDER BY created_at DESC, seq DESC"));
  binder bind(*rows);
  from.filter.bind(bind);
  bind << limit << offset;
  std::vector<call_details> calls;
  while (rows->executeStep()) {
    calls.emplace_back().call = read_call(*rows);
  }
  return calls;
}

std::vector<call_details> call_list::page(int64_t limit, int64_t offset, int64_t all) {
  // An offset is walked row by row: from the nearer end.
  const auto behind = all - offset - limit;
  const auto from = select(cheapest(std::min(offset, behind) + limit, all));
  return offset <= behind ? read(from, true, limit, offset) : read(from, false, limit, behind);
}

} // namespace

call_page search(connection& db, const call_query& x) {
  call_list list(db, x);
  call_page page;
  page.total = list.total();
  const auto offset = std::max<int64_t>(x.offset, 0);
  const auto limit = std::min({std::max<int64_t>(x.limit, 0), defaults::storage::page_rows_max,
                               std::max<int64_t>(page.total - offset, 0)});
  if (limit > 0) {
    page.calls = list.page(limit, offset, page.total);
    read_relations(db, page.calls, x.call_only);
  }
  return page;
}

} // namespace switchboard::storage::sqlite
