// Goal: readers beside the writer see whole batches and nothing torn; meant for the thread
// sanitizer. Method: one writer keeps an invariant per batch, readers at published sequence numbers
// check it through blocks, edges, names and text.
#include "io/executor.h"
#include "memtable/block_samples.h"
#include "memtable/lookup_index.h"
#include "memtable/memtable.h"
#include "memtable/text_index.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

namespace kausal::memtable {
namespace {

using testing::edge_of;
using testing::id_of;
using testing::record_of;

constexpr uint64_t kBatches = 1'500;

// Batch s puts block s % 50 with content "state s" and the edges (s, s + 1) and (s, 0).
// Every few batches the writer waits for a read, so that both really run side by side.
void write_all(Memtable& memtable, std::atomic<uint64_t>& visible,
               const std::atomic<uint64_t>& reads) {
    format::WriteBatch batch;
    for (uint64_t sequence = 1; sequence <= kBatches; ++sequence) {
        batch.clear();
        const std::string number = std::to_string(sequence);
        ASSERT_TRUE(
            batch.put_block(record_of({sequence % 50, "name" + number, "u" + number, "state"}))
                .is_ok());
        ASSERT_TRUE(batch.put_edge(edge_of(sequence, sequence + 1)).is_ok());
        ASSERT_TRUE(batch.put_edge(edge_of(sequence, 0)).is_ok());
        ASSERT_TRUE(memtable.apply(batch.bytes(), sequence).is_ok());
        visible.store(sequence, std::memory_order_release);
        while (reads.load() < sequence / 8 && !::testing::Test::HasFatalFailure()) {
        }
    }
}

void read_once(const Memtable& memtable, uint64_t visible) {
    for (uint64_t back = 0; back < std::min<uint64_t>(visible, 3); ++back) {
        const uint64_t sequence = visible - back;
        const BlockVersion* version = memtable.find_block(id_of(sequence % 50), visible);
        ASSERT_NE(version, nullptr);
        ASSERT_EQ(version->sequence, sequence);
        std::vector<const EdgeCell*> cells;
        Memtable::collect_edges(*memtable.find(id_of(sequence)), EdgeSide::Out, visible, cells);
        ASSERT_EQ(cells.size(), 2u);
    }
    std::vector<const EdgeCell*> incoming;
    Memtable::collect_edges(*memtable.find(id_of(0)), EdgeSide::In, visible, incoming);
    ASSERT_EQ(incoming.size(), visible);
    LookupIndex& lookups = **memtable.lookups(visible);
    const TextEntry* entry = lookups.find_name("name" + std::to_string(visible));
    ASSERT_NE(entry, nullptr);
    std::vector<const BlockVersion*> found;
    LookupIndex::collect(*entry, visible, found);
    ASSERT_EQ(found.size(), 1u);
    size_t names = 0;
    for (auto* node = lookups.seek_name("name"); node != nullptr; node = node->successor()) {
        found.clear();
        LookupIndex::collect(*node->item, visible, found);
        names += found.size();
    }
    ASSERT_EQ(names, std::min<uint64_t>(visible, 50));
    const TextIndex& text = **memtable.text(visible);
    const uint32_t limit = text.document_limit(visible);
    ASSERT_EQ(limit, visible);
    ASSERT_EQ(text.frequency(format::term_hash("state"), limit), visible);
    ASSERT_GE(memtable.sorted_nodes()->size(), 1u);
}

TEST(MemtableConcurrency, ReadersSeeWholeBatches) {
    Memtable memtable;
    std::atomic<uint64_t> visible{0};
    std::atomic<uint64_t> reads{0};
    const auto executor = io::make_thread_executor(3);
    const Status status = io::parallel_for(*executor, 4, 4, [&](size_t, size_t index) -> Status {
        if (index == 0) {
            write_all(memtable, visible, reads);
            return Status::ok();
        }
        uint64_t seen = 0;
        while (seen < kBatches && !::testing::Test::HasFatalFailure()) {
            seen = visible.load(std::memory_order_acquire);
            if (seen == 0) continue;
            read_once(memtable, seen);
            reads.fetch_add(1);
        }
        return Status::ok();
    });
    ASSERT_TRUE(status.is_ok());
    EXPECT_GE(reads.load(), kBatches / 8);
}

}  // namespace
}  // namespace kausal::memtable
