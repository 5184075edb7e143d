#pragma once

#include "storage/call_store.hpp"
#include "tests/actors/call_world.hpp"
#include "tests/storage/failing_vfs.hpp"
#include "tests/storage/temporary_directory.hpp"
#include "tests/storage/write_faults.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace switchboard::test {

/// What is left of a call when all is over.
struct call_records {
  bool answered = false;
  std::optional<storage::call_details> row;
  std::vector<std::string> said; ///< "user: text", in order

  std::string recording_sha256() const {
    return row && row->recordings.size() == 1 ? row->recordings.front().sha256_hex : std::string{};
  }
};

/// A call in virtual time with the real writer, disk writer and sealer over real files, of whose
/// writes one, or all for a while, fail.
class stored_call : private write_faults, public call_world {
public:
  /// @param database a migrated one, which is copied.
  /// @param fail_at,lasting as in write_faults.
  stored_call(const std::string& database, uint64_t fail_at, bool lasting);
  ~stored_call() override;

  /// Webhook to hang-up, and some time for what is left. A webhook that is refused is sent again,
  /// as the carrier does; writing works again 5 s after the call.
  void play();
  /// What the next start, or `switchboard recover`, does.
  void recover();
  call_records read();

  uint64_t writes() const { return write_faults::writes; }
  uint64_t failed_writes() const { return failed; }
  /// Actors that a server cannot do without and that are gone.
  std::vector<std::string> dead() const;

private:
  bool answer();
  void talk();
  std::string recording_root() const { return root_ / "recordings"; }
  storage::result<std::unique_ptr<storage::call_store>> open(bool read_only) const;
  store_factory opener(bool read_only) const;
  void watch_over(const std::string& name, const caf::actor& who) {
    watched_.emplace_back(name, watch(who));
  }

  temporary_directory root_{memory_folder()};
  failing_vfs vfs_;
  std::vector<std::pair<std::string, std::shared_ptr<std::optional<caf::error>>>> watched_;
  bool answered_ = false;
};

} // namespace switchboard::test
