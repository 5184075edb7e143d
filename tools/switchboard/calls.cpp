#include "http/json_shapes.hpp"
#include "http/public_base.hpp"
#include "http/wall_time.hpp"
#include "storage/call_store.hpp"
#include "tools/switchboard/commands.hpp"
#include "tools/switchboard/startup.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>

namespace switchboard {

namespace {

using storage::call_details;

/// Text for a terminal: what callers and models said must not be able to drive it (ECMA-48 control
/// functions, C1 in UTF-8 included).
std::string printable(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool c1 =
        c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c1)
      ++i;
    out += c1 || c < 0x20 || c == 0x7f ? ' ' : text[i];
  }
  return out;
}

std::string iso(storage::wall_ms instant) {
  std::string out;
  http::append_iso(out, instant);
  return out;
}

void print_line(const call_details& x) {
  const auto duration = x.call.duration_s ? std::to_string(*x.call.duration_s) + " s" : "-";
  std::printf("%s  %s  %-9s  %8s  %s  %s\n", x.call.id.c_str(), iso(x.call.created_at).c_str(),
              storage::to_string(x.call.status), duration.c_str(), printable(x.call.caller).c_str(),
              printable(x.call.agent).c_str());
}

void print_field(const char* name, const std::string& value) {
  std::printf("%-10s %s\n", name, printable(value).c_str());
}

void print_call(const call_details& x) {
  print_field("id", x.call.id);
  print_field("callSid", x.call.call_sid);
  print_field("caller", x.call.caller);
  print_field("agent", x.call.agent);
  print_field("status", storage::to_string(x.call.status));
  print_field("started", iso(x.call.start_time));
  if (x.call.end_time)
    print_field("ended", iso(*x.call.end_time));
  if (x.call.duration_s)
    print_field("duration", std::to_string(*x.call.duration_s) + " s");
  if (x.call.notes)
    print_field("notes", *x.call.notes);
  for (auto& recording : x.recordings)
    print_field("recording", recording.file_path);
  for (auto& turn : x.transcripts)
    std::printf("%9.1fs  %-9s  %s\n", turn.start_time_s, storage::to_string(turn.who),
                printable(turn.text).c_str());
}

/// `calls [list|show ID|search WORDS] [--json]`
class calls_command : public command {
public:
  void declare(CLI::App& options) override;
  int run(const conf::config& config) override;

private:
  int show(storage::call_store& store, const http::link_maker& links) const;
  int list(storage::call_store& store, const http::link_maker& links);

  storage::call_query query_;
  std::string id_, words_, caller_, agent_, status_;
  bool json_ = false;
};

void calls_command::declare(CLI::App& options) {
  options.require_subcommand(0, 1);
  options.fallthrough();
  options.add_flag("--json", json_, "as the REST API answers it");
  options.add_option("--limit", query_.limit, "calls at most, 1 to 100")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  options.add_option("--offset", query_.offset, "calls to pass over")
      ->check(CLI::NonNegativeNumber);
  options.add_option("--caller", caller_, "part of the caller");
  options.add_option("--agent", agent_, "part of the agent");
  options.add_option("--status", status_, "active, completed or failed")
      ->check(CLI::IsMember({"active", "completed", "failed"}));
  options.add_subcommand("list", "the newest calls (default)");
  options.add_subcommand("show", "one call with its transcript")
      ->add_option("ID", id_, "id of the call")
      ->required();
  options.add_subcommand("search", "calls by words of their transcripts and notes")
      ->add_option("WORDS", words_, "words, all of which have to be there")
      ->required();
}

int calls_command::show(storage::call_store& store, const http::link_maker& links) const {
  auto call = store.get_call_with_details(id_);
  if (!call)
    return failed(call.code() == storage::storage_error::not_found ? "no call " + printable(id_)
                                                                   : call.detail());
  if (json_)
    std::printf("%s\n", http::render_call_details(*call, links).c_str());
  else
    print_call(*call);
  return exit_ok;
}

int calls_command::list(storage::call_store& store, const http::link_maker& links) {
  const auto given = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string>{text};
  };
  query_.caller = given(caller_);
  query_.agent = given(agent_);
  query_.words = given(words_);
  for (auto status : {storage::call_status::active, storage::call_status::completed,
                      storage::call_status::failed})
    if (status_ == storage::to_string(status))
      query_.status = status;
  auto page = store.search_calls(query_);
  if (!page)
    return failed(page.detail());
  if (json_) {
    std::printf("%s\n", http::render_call_page(*page, query_, links).c_str());
    return exit_ok;
  }
  for (auto& call : page->calls)
    print_line(call);
  std::printf("%zu of %lld calls\n", page->calls.size(), static_cast<long long>(page->total));
  return exit_ok;
}

int calls_command::run(const conf::config& config) {
  storage::store_options options;
  options.path = config.database_path;
  options.read_only = true;
  auto store = storage::open_call_store(options);
  if (!store)
    return failed(std::string{storage::to_string(store.code())} + ": " + store.detail());
  std::string no_key; // then the links are not signed well; the calls are shown all the same
  const auto now_s = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
  const http::link_maker links{http::own_base(config, config.port), url_signing_key(config, no_key),
                               now_s};
  return id_.empty() ? list(**store, links) : show(**store, links);
}

} // namespace

command_ptr make_calls() {
  return std::make_unique<calls_command>();
}

} // namespace switchboard
