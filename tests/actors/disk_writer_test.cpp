#define CAF_SUITE disk_writer
#define FAIL CAF_FAIL
#include "actors/actor_error.hpp"
#include "actors/disk_actor.hpp"
#include "actors/kept_alive.hpp"
#include "storage/journal.hpp"

#include <caf/all.hpp>

#include <future>
#include <map>
#include <mutex>
#include <stdexcept>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;
using namespace std::chrono_literals;
using storage::nothing;
using storage::result;
using storage::storage_error;

namespace {

/// A disk in memory that fails as it is told. Shared by the test and the writer's thread.
struct fake_disk {
  std::mutex mutex;
  std::map<std::string, std::vector<uint8_t>> files;
  int opens = 0, syncs = 0;
  std::string syncing; // b for each that begins, s for each that is done
  storage_error open_error = storage_error::none;
  storage_error append_error = storage_error::none;
  storage_error sync_error = storage_error::none;
  bool throws = false; // as a disk never does, but memory may

  std::vector<uint8_t> bytes(const std::string& path) {
    std::lock_guard<std::mutex> guard{mutex};
    return files[path];
  }
  template <class Change>
  void set(Change change) {
    std::lock_guard<std::mutex> guard{mutex};
    change(*this);
  }
};
using fake_disk_ptr = std::shared_ptr<fake_disk>;

class fake_file : public storage::journal_file {
public:
  fake_file(fake_disk_ptr disk, std::string path)
      : disk_(std::move(disk)), path_(std::move(path)) {}

  result<nothing> append(audio::byte_view records) override {
    std::lock_guard<std::mutex> guard{disk_->mutex};
    if (disk_->throws)
      throw std::runtime_error{"no memory"};
    if (disk_->append_error != storage_error::none)
      return {disk_->append_error, "append"};
    auto& file = disk_->files[path_];
    file.insert(file.end(), records.data, records.data + records.size);
    return nothing{};
  }
  void begin_sync() override {
    std::lock_guard<std::mutex> guard{disk_->mutex};
    disk_->syncing += 'b';
  }
  result<nothing> sync() override {
    std::lock_guard<std::mutex> guard{disk_->mutex};
    ++disk_->syncs;
    disk_->syncing += 's';
    if (disk_->sync_error != storage_error::none)
      return {disk_->sync_error, "sync"};
    return nothing{};
  }
  uint64_t size_bytes() const override {
    std::lock_guard<std::mutex> guard{disk_->mutex};
    return disk_->files[path_].size();
  }

private:
  fake_disk_ptr disk_;
  std::string path_;
};

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  fake_disk_ptr disk = std::make_shared<fake_disk>();
  node_state_ptr node = std::make_shared<node_state>();
  std::promise<void> second; // a second writer was made
  int made = 0;
  disk_writer_actor writer = keep_alive<disk_writer_actor>(
      system, "disk writer",
      [this] {
        auto next = spawn_disk_writer(system, opener(), 2s);
        if (++made == 2)
          second.set_value();
        return next;
      },
      node);

  ~fixture() {
    self->send_exit(writer, caf::exit_reason::user_shutdown);
    self->wait_for(writer);
  }

  journal_opener opener() {
    return
        [disk = disk](const std::string& path) -> result<std::unique_ptr<storage::journal_file>> {
          std::lock_guard<std::mutex> guard{disk->mutex};
          ++disk->opens;
          if (disk->open_error != storage_error::none)
            return {disk->open_error, "open"};
          return std::unique_ptr<storage::journal_file>(std::make_unique<fake_file>(disk, path));
        };
  }
  static record_batches batches(std::initializer_list<uint8_t> values) {
    record_batches all;
    for (const auto value : values)
      all.push_back(std::make_shared<std::vector<uint8_t>>(1, value));
    return all;
  }
  /// @returns the error; none if it was written.
  caf::error append(const std::string& path, std::initializer_list<uint8_t> values,
                    std::chrono::seconds patience = 30s) {
    return append(path, std::make_shared<append_ticket>(batches(values)), patience);
  }
  caf::error append(const std::string& path, const append_ticket_ptr& ticket,
                    std::chrono::seconds patience = 30s) {
    auto failed = make_error(actor_error::disk);
    self->request(writer, patience, atom::facts_v,
                  journal_appends{{ticket, std::make_shared<const std::string>(path)}})
        .receive(
            [&](uint64_t written) {
              if (written == 1 && ticket->now() == append_ticket::state::written)
                failed = caf::none;
            },
            [&](caf::error& why) { failed = std::move(why); });
    return failed;
  }
  caf::error close(const std::string& path) {
    caf::error failed;
    self->request(writer, 30s, atom::finish_v, path)
        .receive([](uint64_t) {}, [&](caf::error& why) { failed = std::move(why); });
    return failed;
  }
};

using bytes = std::vector<uint8_t>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(disk_writer_tests, fixture)

CAF_TEST(batches go to the end of their journal which is opened once) {
  CAF_CHECK(!append("a", {1, 2}));
  CAF_CHECK(!append("b", {7}));
  CAF_CHECK(!append("a", {3}));
  CAF_CHECK(disk->bytes("a") == (bytes{1, 2, 3}));
  CAF_CHECK(disk->bytes("b") == bytes{7});
  CAF_CHECK_EQUAL(disk->opens, 2);
  CAF_CHECK(!close("a"));
  CAF_CHECK_GREATER_OR_EQUAL(disk->syncs, 1);
}

CAF_TEST(whatever a disk fails with is told and the next append finds it working again) {
  for (const auto error : {storage_error::full, storage_error::read_only, storage_error::io}) {
    disk->set([&](fake_disk& d) { d.append_error = error; });
    auto ticket = std::make_shared<append_ticket>(batches({1}));
    CAF_CHECK(append("a", ticket) == actor_error::disk);
    CAF_CHECK(ticket->now() == append_ticket::state::failed);
    disk->set([&](fake_disk& d) {
      d.append_error = storage_error::none;
      d.open_error = error; // it has to be opened anew
    });
    CAF_CHECK(append("a", {1}) == actor_error::disk);
    disk->set([](fake_disk& d) { d.open_error = storage_error::none; });
    CAF_CHECK(!append("a", {1}));
  }
  CAF_CHECK(disk->bytes("a") == (bytes{1, 1, 1}));
}

CAF_TEST(appends that come together are each made or failed by themselves) {
  journal_appends all;
  for (const auto* path : {"a", "b", "a", "c"}) {
    const auto value = static_cast<uint8_t>(all.size());
    all.push_back({std::make_shared<append_ticket>(batches({value})),
                   std::make_shared<const std::string>(path)});
  }
  CAF_CHECK(all[1].ticket->take_back());
  uint64_t written = 0;
  self->request(writer, 30s, atom::facts_v, all)
      .receive([&](uint64_t count) { written = count; }, [](caf::error&) {});
  CAF_CHECK_EQUAL(written, 3u);
  CAF_CHECK(disk->bytes("a") == (bytes{0, 2}));
  CAF_CHECK(disk->bytes("b").empty());
  CAF_CHECK(disk->bytes("c") == bytes{3});
  CAF_CHECK(all[1].ticket->now() == append_ticket::state::taken_back);
  CAF_CHECK(all[3].ticket->now() == append_ticket::state::written);
}

CAF_TEST(what was taken back is not written) {
  auto ticket = std::make_shared<append_ticket>(batches({1}));
  CAF_CHECK(ticket->take_back());
  CAF_CHECK(ticket->batches().empty()); // nor kept by a writer that hangs
  CAF_CHECK(append("a", ticket) == actor_error::disk);
  CAF_CHECK(disk->bytes("a").empty());
}

CAF_TEST(journals that are synced together are all begun before the first is waited for) {
  auto alone = spawn_disk_writer(system, opener(), 1h);
  journal_appends all;
  for (const auto* path : {"a", "b", "a"})
    all.push_back(
        {std::make_shared<append_ticket>(batches({1})), std::make_shared<const std::string>(path)});
  self->request(alone, 30s, atom::facts_v, all).receive([](uint64_t) {}, [](caf::error&) {});
  self->send_exit(alone, caf::exit_reason::user_shutdown); // syncs what is not synced yet
  self->wait_for(alone);
  CAF_CHECK_EQUAL(disk->syncing, "bbss");
}

CAF_TEST(a journal that cannot be synced is told of when it is closed) {
  CAF_CHECK(!append("a", {1}));
  disk->set([](fake_disk& d) { d.sync_error = storage_error::io; });
  CAF_CHECK(close("a") == actor_error::disk);
}

CAF_TEST(a writer that an exception kills is replaced and journals go on) {
  CAF_CHECK(!append("a", {1}));
  disk->set([](fake_disk& d) { d.throws = true; });
  auto ticket = std::make_shared<append_ticket>(batches({2}));
  auto replaced = second.get_future();
  CAF_CHECK(append("a", ticket, 1s)); // an error, or none that comes in time
  CAF_REQUIRE(replaced.wait_for(30s) == std::future_status::ready);
  disk->set([](fake_disk& d) { d.throws = false; });
  CAF_CHECK(ticket->now() == append_ticket::state::taken);
  CAF_CHECK_EQUAL(ticket.use_count(), 1); // which is how the recorder knows that nobody has it
  CAF_CHECK(!append("a", {2}));
  CAF_CHECK(disk->bytes("a") == (bytes{1, 2}));
  CAF_CHECK_EQUAL(node->metrics.actors_restarted.load(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
