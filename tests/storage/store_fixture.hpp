#pragma once

#include "storage/call_store.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <memory>
#include <string>
#include <vector>

namespace switchboard::test {

/// A fresh database and a few words to fill it.
struct store_fixture {
  temporary_directory root;
  std::string path = root / "data/switchboard.db";
  std::unique_ptr<storage::call_store> store = open();

  std::unique_ptr<storage::call_store> open(bool read_only = false) const {
    storage::store_options options;
    options.path = path;
    options.read_only = read_only;
    auto opened = storage::open_call_store(options);
    return opened ? std::move(*opened) : nullptr;
  }

  static storage::call_row call(const std::string& sid) {
    storage::call_row x;
    x.call_sid = sid;
    x.caller = "+15550001111";
    x.agent = "assistant";
    x.start_time = 1000;
    return x;
  }

  storage::call_row add(const std::string& sid, storage::wall_ms now = 1000) {
    auto made = store->create_call(call(sid), now);
    return made ? *made : storage::call_row{};
  }

  storage::transcript_row say(const storage::call_row& to, const std::string& text,
                              double start_s = 0) {
    storage::transcript_row x;
    x.call_id = to.id;
    x.text = text;
    x.start_time_s = start_s;
    auto made = store->create_transcript(x, 1000);
    return made ? *made : storage::transcript_row{};
  }

  void feel(const storage::call_row& about, const std::string& sentiment) {
    storage::analytics_row x;
    x.call_id = about.id;
    x.sentiment = sentiment;
    store->create_analytics(x, 1000);
  }

  /// call_sids of a page, newest first.
  std::vector<std::string> find(const storage::call_query& query) {
    std::vector<std::string> sids;
    const auto page = store->search_calls(query);
    if (!page) {
      return {"error: " + page.detail()};
    }
    for (const auto& x : page->calls) {
      sids.push_back(x.call.call_sid);
    }
    return sids;
  }
};

using names = std::vector<std::string>;

} // namespace switchboard::test
