#include "http/json_shapes.hpp"
#include "http/public_base.hpp"
#include "storage/call_store.hpp"
#include "storage/file_copy.hpp"
#include "storage/posix_file.hpp"
#include "storage/recording_names.hpp"
#include "tools/switchboard/commands.hpp"
#include "tools/switchboard/startup.hpp"

#include <CLI/CLI.hpp>
#include <fcntl.h>

#include <chrono>
#include <cstdio>

namespace switchboard {

namespace {

/// `export CALL_ID [--to DIR]`: all that there is of a call, in a folder or on stdout.
class export_command : public command {
public:
  void declare(CLI::App& options) override {
    options.add_option("CALL_ID", id_, "id of the call")->required();
    options.add_option(
        "--to", folder_,
        "folder to write call.json and the recording to (default: call.json to stdout)");
  }
  int run(const conf::config& config) override;

private:
  std::string write_json(const std::string& text) const;
  std::string copy_recordings(const conf::config& config, const storage::call_details& call) const;

  std::string id_, folder_;
};

/// @returns what went wrong; empty = nothing did.
std::string export_command::write_json(const std::string& text) const {
  if (auto made = storage::posix::make_directories(folder_); !made)
    return made.detail();
  const auto path = folder_ + "/call.json";
  auto file = storage::posix::open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file)
    return file.detail();
  const int why = storage::posix::write_all(file->get(), text.data(), text.size());
  return why == 0 ? std::string{} : storage::posix::describe("write", path, why);
}

std::string export_command::copy_recordings(const conf::config& config,
                                            const storage::call_details& call) const {
  for (auto& recording : call.recordings) {
    if (!storage::is_confined(recording.file_path))
      return "the recording's path is not below the storage path";
    const auto name = recording.file_path.substr(recording.file_path.rfind('/') + 1);
    auto copied = storage::copy_file(config.recording_storage_path + "/" + recording.file_path,
                                     folder_ + "/" + name);
    if (!copied)
      return copied.detail();
    if (!recording.sha256_hex.empty() && copied->sha256_hex != recording.sha256_hex)
      return recording.file_path + " is not what its row says: the checksums differ";
    std::printf("%s/%s\n", folder_.c_str(), name.c_str());
  }
  return {};
}

int export_command::run(const conf::config& config) {
  storage::store_options options;
  options.path = config.database_path;
  options.read_only = true;
  auto store = storage::open_call_store(options);
  if (!store)
    return failed(std::string{storage::to_string(store.code())} + ": " + store.detail());
  auto call = (*store)->get_call_with_details(id_);
  if (!call)
    return failed(call.detail());
  std::string no_key; // then the links are not signed well; the call is written all the same
  const auto now_s = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
  const http::link_maker links{http::own_base(config, config.port), url_signing_key(config, no_key),
                               now_s};
  const auto text = http::render_call_details(*call, links) + "\n";
  if (folder_.empty()) {
    std::fputs(text.c_str(), stdout);
    return exit_ok;
  }
  auto problem = write_json(text);
  if (problem.empty())
    problem = copy_recordings(config, *call);
  if (!problem.empty())
    return failed(problem);
  std::printf("%s/call.json\n", folder_.c_str());
  return exit_ok;
}

} // namespace

command_ptr make_export() {
  return std::make_unique<export_command>();
}

} // namespace switchboard
