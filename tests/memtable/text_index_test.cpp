// Goal: the documents, lengths and postings that a snapshot sees are those of the puts up to its
// sequence number, counted exactly, also when later puts are indexed already. Method: small texts.
#include "memtable/text_index.h"

#include "memtable/block_samples.h"
#include "memtable/memtable.h"

#include <gtest/gtest.h>

#include <vector>

namespace kausal::memtable {
namespace {

using testing::id_of;
using testing::record_of;
using testing::Sample;

constexpr auto kBody = static_cast<size_t>(format::TextField::Body);

void put(Memtable& memtable, const Sample& sample, uint64_t sequence) {
    format::WriteBatch batch;
    ASSERT_TRUE(batch.put_block(record_of(sample)).is_ok());
    ASSERT_TRUE(memtable.apply(batch.bytes(), sequence).is_ok());
}

TEST(TextIndex, CountsAreThoseOfTheSnapshot) {
    Memtable memtable;
    put(memtable, {1, "f", "a.c", "apple apple pear"}, 1);
    put(memtable, {2, "g", "b.c", "apple plum"}, 2);
    put(memtable, {1, "f", "a.c", "pear"}, 3);
    const TextIndex& index = **memtable.text(3);  // all three are indexed now
    EXPECT_EQ(index.document_limit(0), 0u);
    EXPECT_EQ(index.document_limit(1), 1u);
    EXPECT_EQ(index.document_limit(2), 2u);
    EXPECT_EQ(index.document_limit(3), 3u);

    const format::TermHash apple = format::term_hash("apple");
    const format::TermHash pear = format::term_hash("pear");
    EXPECT_EQ(index.frequency(apple, 1), 1u);
    EXPECT_EQ(index.frequency(apple, 3), 2u);
    EXPECT_EQ(index.frequency(pear, 2), 1u);
    EXPECT_EQ(index.frequency(pear, 3), 2u);
    EXPECT_EQ(index.frequency(format::term_hash("kiwi"), 3), 0u);

    std::vector<const TextPosting*> postings;
    index.postings(apple, 3, postings);
    ASSERT_EQ(postings.size(), 2u);
    EXPECT_EQ(postings[0]->document, 1u);
    EXPECT_EQ(postings[0]->counts[kBody], 1);
    EXPECT_EQ(postings[1]->document, 0u);
    EXPECT_EQ(postings[1]->counts[kBody], 2);

    EXPECT_EQ(index.document(0).lengths[kBody], 3u);
    EXPECT_EQ(index.document(0).totals[kBody], 3u);
    EXPECT_EQ(index.document(2).totals[kBody], 6u);
    EXPECT_EQ(index.document(1).version->node->id, id_of(2));
    EXPECT_EQ(index.document(1).kind, format::BlockKind::Function);
}

TEST(TextIndex, CatchesUpWithLaterPuts) {
    Memtable memtable;
    put(memtable, {1, "f", "a.c", "apple"}, 1);
    EXPECT_EQ((*memtable.text(1))->document_limit(1), 1u);
    for (uint64_t number = 2; number <= 500; ++number) {
        put(memtable, {number, "f", "a.c", "apple word" + std::to_string(number)}, number);
    }
    const TextIndex& index = **memtable.text(500);
    EXPECT_EQ(index.document_limit(500), 500u);
    EXPECT_EQ(index.frequency(format::term_hash("apple"), index.document_limit(500)), 500u);
    EXPECT_EQ(index.frequency(format::term_hash("apple"), index.document_limit(123)), 123u);
    EXPECT_EQ(index.frequency(format::term_hash("word77"), index.document_limit(500)), 1u);
    // What it takes is counted with the memtable: three first chunks and what has grown since.
    EXPECT_GT(memtable.memory_bytes(), 3 * memory::kArenaChunkSizeMin);
}

}  // namespace
}  // namespace kausal::memtable
