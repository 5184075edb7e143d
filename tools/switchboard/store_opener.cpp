#include "tools/switchboard/store_opener.hpp"

#include "conf/log.hpp"
#include "storage/call_store.hpp"

namespace switchboard {

actors::store_factory store_opener(const conf::config& config, bool read_only) {
  return [path = config.database_path, read_only]() -> std::unique_ptr<storage::call_store> {
    storage::store_options options;
    options.path = path;
    options.read_only = read_only;
    auto opened = storage::open_call_store(options);
    if (opened)
      return std::move(*opened);
    log::error("database", "cannot open",
               {{"code", storage::to_string(opened.code())}, {"what", opened.detail()}});
    return nullptr;
  };
}

} // namespace switchboard
