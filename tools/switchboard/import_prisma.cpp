#include "storage/import_prisma.hpp"

#include "storage/call_store.hpp"
#include "tools/switchboard/commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>

namespace switchboard {

namespace {

/// Missing files that are named on the terminal; the count is complete.
constexpr size_t missing_shown = 20;

void print_counts(const char* table, const storage::import_counts& counts) {
  int64_t skipped = 0;
  for (auto& [reason, count] : counts.skipped)
    skipped += count;
  std::printf("%-12s %lld inserted, %lld present, %lld skipped\n", table,
              static_cast<long long>(counts.inserted), static_cast<long long>(counts.present),
              static_cast<long long>(skipped));
  for (auto& [reason, count] : counts.skipped)
    std::printf("%-12s   %lld: %s\n", "", static_cast<long long>(count), reason.c_str());
}

void print_report(const storage::import_report& report) {
  print_counts("Call", report.calls);
  if (report.calls_cut_off > 0)
    std::printf("%-12s   %lld were still active in the old system; they are failed now\n", "",
                static_cast<long long>(report.calls_cut_off));
  print_counts("Recording", report.recordings);
  print_counts("Transcript", report.transcripts);
  print_counts("Analytics", report.analytics);
  print_counts("CallMetadata", report.metadata);
  std::printf("%-12s %lld copied, %lld present, %zu missing\n", "files",
              static_cast<long long>(report.files_copied),
              static_cast<long long>(report.files_present), report.files_missing.size());
  const size_t shown = std::min(report.files_missing.size(), missing_shown);
  for (size_t i = 0; i < shown; ++i)
    std::printf("%-12s   %s\n", "", report.files_missing[i].c_str());
  if (shown < report.files_missing.size())
    std::printf("%-12s   and %zu more\n", "", report.files_missing.size() - shown);
}

/// `import-prisma FILE [--recordings DIR]`
class import_prisma_command : public command {
public:
  void declare(CLI::App& options) override {
    options.add_option("FILE", wanted_.source, "SQLite file of the old system; it is not changed")
        ->required();
    options.add_option(
        "--recordings", wanted_.recordings_from,
        "folder of its recordings (default: where its rows say, relative ones also beside "
        "FILE)");
  }

  int run(const conf::config& config) override {
    wanted_.database_path = config.database_path;
    wanted_.storage_path = config.recording_storage_path;
    auto lock = storage::data_directory_lock::acquire(config.data_directory());
    if (!lock)
      return failed("nothing was imported: " + lock.detail());
    auto done = storage::import_prisma(wanted_);
    if (!done)
      return failed(std::string{storage::to_string(done.code())} + ": " + done.detail());
    print_report(*done);
    return done->complete() ? exit_ok : exit_incomplete;
  }

private:
  storage::import_request wanted_;
};

} // namespace

command_ptr make_import_prisma() {
  return std::make_unique<import_prisma_command>();
}

} // namespace switchboard
