#pragma once

#include <chrono>
#include <cstddef>

/// Numbers of the database and disk actors.
namespace switchboard::defaults::database {

/// How long a write waits for company before its group is committed: well under what a person or a
/// dashboard notices, long enough that 1,000 calls share a commit.
constexpr std::chrono::milliseconds group_window{3};
/// How long a turn waits, unless its call ends: with hundreds of calls turns come every few
/// milliseconds, and each commit writes some five pages. A dashboard follows speech as well, and
/// the journal has the turn already.
constexpr std::chrono::milliseconds turn_window{100};
/// Writes in one transaction; past it the group is committed at once.
constexpr size_t group_max = 256;
/// Writes waiting for the writer; past it a write is answered `busy`.
constexpr size_t writer_queue_max = 20'000;
/// Nothing was written for so long: the write-ahead log is folded into the database.
constexpr std::chrono::milliseconds idle_before_checkpoint{2'000};
/// While the database does not work the writer looks this often whether it does again: a node that
/// is out of the load balancer gets no call that would show it.
constexpr std::chrono::milliseconds probe_interval{1'000};
/// How long a write may take before its requester gives up (the disk may stall for seconds).
constexpr std::chrono::seconds write_timeout{10};

/// Reader threads; queries take well under 10 ms, so a few carry thousands a second.
constexpr size_t readers = 2;
/// Their threads' nice value: a line (0) that competes for a core gets some nine tenths of it, and
/// queries still go on. More than the helpers' (defaults::node::helper_nice).
constexpr int reader_nice = 10;
/// Jobs waiting for the readers; past it `busy` (503).
constexpr size_t reader_queue_max = 512;
/// A query's deadline, kept by SQLite itself.
constexpr std::chrono::milliseconds read_deadline{2'000};

/// Places in which changes of calls are counted, 8 bytes each (row_versions): with 1,000 live calls
/// one kept answer in five shares its place with one of them.
constexpr size_t version_places = 4096;

/// Threads that read recordings for downloads.
constexpr size_t disk_readers = 2;
constexpr size_t disk_queue_max = 512;

} // namespace switchboard::defaults::database
