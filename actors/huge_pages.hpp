#pragma once

#include <cstddef>

namespace switchboard::actors {

/// Lets heaps begin with room in which huge pages fit. Once, before any thread is started. Costs
/// address space, and no memory but where transparent huge pages are "always": there a page for
/// each thread that allocates. Source: mallopt(3).
void prepare_huge_pages();

/// Asks for huge pages for the heap of the calling thread: hundreds of calls are looked at in turn,
/// a few lines of each, and with small pages the processor spends a tenth of a line's time on
/// finding them (docs/performance.md). Linux gives them where transparent huge pages are allowed
/// ("always" or "madvise"); elsewhere nothing changes. The first of them are fetched at once
/// (`defaults::line::heap_resident_bytes`). Memory that was used stays the process's.
/// Source: madvise(2), MADV_HUGEPAGE.
/// @returns bytes of address space it asked for; 0 if that was refused.
size_t use_huge_pages();

} // namespace switchboard::actors
