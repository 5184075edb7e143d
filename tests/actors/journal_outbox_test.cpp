#define CAF_SUITE journal_outbox
#define FAIL CAF_FAIL
#include "actors/journal_outbox.hpp"
#include "conf/defaults/line.hpp"
#include "tests/actors/fakes.hpp"

using namespace switchboard;
using namespace switchboard::actors;

namespace {

struct fixture : test::faked_world {
  std::shared_ptr<test::fake_disk_log> other_log = std::make_shared<test::fake_disk_log>();
  disk_writer_actor other = keep(sys.spawn(test::fake_disk, other_log));
  journal_outbox outbox;

  append_ticket_ptr put(const disk_writer_actor& to, const std::string& path, uint8_t value) {
    record_batches batches{std::make_shared<std::vector<uint8_t>>(1, value)};
    auto ticket = std::make_shared<append_ticket>(std::move(batches));
    outbox.put(to, {ticket, std::make_shared<const std::string>(path)});
    return ticket;
  }
};

using bytes = std::vector<uint8_t>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(journal_outbox_tests, fixture)

CAF_TEST(what was put goes to its disk writer in order and in one message) {
  settle();
  std::vector<append_ticket_ptr> tickets;
  tickets.push_back(put(disk, "a", 1));
  for (unsigned beat = 1; beat < defaults::line::beats_per_flush; ++beat)
    outbox.beat();
  tickets.push_back(put(other, "b", 2));
  tickets.push_back(put(disk, "a", 3));
  settle();
  CAF_CHECK(disk_log->journals.empty()); // not before
  outbox.beat();
  settle();
  CAF_CHECK(disk_log->journals["a"] == (bytes{1, 3}));
  CAF_CHECK(other_log->journals["b"] == bytes{2});
  for (auto& ticket : tickets)
    CAF_CHECK(state_of(ticket) == append_ticket::state::written);
  for (unsigned beat = 0; beat < defaults::line::beats_per_flush; ++beat)
    outbox.beat(); // nothing is sent twice
  settle();
  CAF_CHECK_EQUAL(disk_log->tries, 2u);
  CAF_CHECK_EQUAL(disk_log->messages, 1u);
}

CAF_TEST(what is never sent has failed) {
  append_ticket_ptr ticket;
  {
    journal_outbox gone;
    ticket = std::make_shared<append_ticket>();
    gone.put(disk, {ticket, std::make_shared<const std::string>("a")});
    CAF_CHECK(state_of(ticket) == append_ticket::state::waiting);
  }
  CAF_CHECK(state_of(ticket) == append_ticket::state::failed);
}

CAF_TEST_FIXTURE_SCOPE_END()
