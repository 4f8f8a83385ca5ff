// Goal: names, URIs and keys lead to exactly the blocks whose newest visible version carries them,
// in order, whenever the index was built. Method: fixed cases that interleave writes and lookups.
#include "memtable/lookup_index.h"

#include "memtable/block_samples.h"
#include "memtable/memtable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kausal::memtable {
namespace {

using testing::id_of;
using testing::record_of;
using testing::Sample;

class LookupIndexTest : public ::testing::Test {
  protected:
    void put(const Sample& sample) {
        format::WriteBatch batch;
        ASSERT_TRUE(batch.put_block(record_of(sample)).is_ok());
        ASSERT_TRUE(memtable_.apply(batch.bytes(), ++sequence_).is_ok());
    }
    void erase(uint64_t number) {
        format::WriteBatch batch;
        ASSERT_TRUE(batch.delete_block(id_of(number)).is_ok());
        ASSERT_TRUE(memtable_.apply(batch.bytes(), ++sequence_).is_ok());
    }
    LookupIndex& lookups(uint64_t visible) {
        const Result<LookupIndex*> index = memtable_.lookups(visible);
        EXPECT_TRUE(index.has_value());
        return **index;
    }
    std::vector<BlockId> named(std::string_view name, uint64_t visible) {
        std::vector<BlockId> ids;
        const TextEntry* entry = lookups(visible).find_name(name);
        if (entry == nullptr) return ids;
        std::vector<const BlockVersion*> versions;
        LookupIndex::collect(*entry, visible, versions);
        for (const BlockVersion* version : versions) ids.push_back(version->node->id);
        std::ranges::sort(ids);
        return ids;
    }

    Memtable memtable_;
    uint64_t sequence_ = 0;
};

TEST_F(LookupIndexTest, ANewerVersionReplacesTheEntriesOfTheOlder) {
    put({1, "alpha", "a.c", ""});
    EXPECT_EQ(named("alpha", 1), std::vector{id_of(1)});
    put({1, "beta", "b.c", ""});
    EXPECT_TRUE(named("alpha", 2).empty());
    EXPECT_EQ(named("beta", 2), std::vector{id_of(1)});
    EXPECT_EQ(named("alpha", 1), std::vector{id_of(1)});  // as the older snapshot saw it
    EXPECT_TRUE(named("beta", 1).empty());
    erase(1);
    EXPECT_TRUE(named("beta", 3).empty());
    EXPECT_EQ(named("beta", 2), std::vector{id_of(1)});
}

TEST_F(LookupIndexTest, OneNameCanBelongToManyBlocks) {
    for (uint64_t number = 1; number <= 100; ++number) put({number, "run", "x.c", ""});
    EXPECT_EQ(named("run", 100).size(), 100u);
    EXPECT_EQ(named("run", 40).size(), 40u);
}

TEST_F(LookupIndexTest, NamesComeInFoldedOrderFromTheSoughtOne) {
    const std::vector<std::string> names{"beta", "Alpha", "alpha", "BETA", "gamma", "alphabet"};
    for (size_t i = 0; i < names.size(); ++i) put({i + 1, names[i], "", ""});
    std::vector<std::string> seen;
    for (auto* node = lookups(sequence_).seek_name("alphaA"); node != nullptr;
         node = node->successor()) {
        seen.emplace_back(node->item->text);
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"alphabet", "BETA", "beta", "gamma"}));
    const auto* first = lookups(sequence_).seek_name("ALPHA");
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first->item->text, "Alpha");
    EXPECT_EQ(lookups(sequence_).seek_name("h"), nullptr);
}

TEST_F(LookupIndexTest, UrisComeInByteOrder) {
    for (uint64_t number = 1; number <= 50; ++number) {
        put({number, "f", "dir/" + std::to_string(number % 10) + ".c", ""});
    }
    put({60, "f", "Dir/0.c", ""});
    std::vector<std::string> seen;
    for (auto* node = lookups(sequence_).seek_uri("dir/7"); node != nullptr;
         node = node->successor()) {
        seen.emplace_back(node->item->text);
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"dir/7.c", "dir/8.c", "dir/9.c"}));
    EXPECT_NE(lookups(sequence_).find_uri("Dir/0.c"), nullptr);
    EXPECT_EQ(lookups(sequence_).find_uri("dir/"), nullptr);
}

TEST_F(LookupIndexTest, KeysIncludeTheQualifiedName) {
    const Sample sample{1, "run", "a.c", ""};  // owns what the record points at
    format::BlockRecord record = record_of(sample);
    record.qualified_name = "net.Server.run";
    record.keys = {7, 900};
    format::WriteBatch batch;
    ASSERT_TRUE(batch.put_block(record).is_ok());
    ASSERT_TRUE(memtable_.apply(batch.bytes(), ++sequence_).is_ok());
    const uint64_t qualified = format::hash_key(format::kKeySpaceQualifiedName, "net.Server.run");
    for (const uint64_t key : {uint64_t{7}, uint64_t{900}, qualified}) {
        std::vector<const BlockVersion*> found;
        lookups(1).find_key(key, 1, found);
        ASSERT_EQ(found.size(), 1u) << key;
        EXPECT_EQ(found[0]->node->id, id_of(1));
    }
    std::vector<const BlockVersion*> found;
    lookups(1).find_key(8, 1, found);
    EXPECT_TRUE(found.empty());
    put({1, "run", "a.c", ""});
    lookups(2).find_key(7, 2, found);
    EXPECT_TRUE(found.empty());
}

TEST_F(LookupIndexTest, AHeadThatDoesNotDecodeIsReported) {
    put({1, "fine", "", ""});
    format::WriteBatch batch;
    ASSERT_TRUE(batch.put_block(record_of({2, "broken", "", ""})).is_ok());
    std::string bytes(batch.bytes());
    const size_t name = bytes.find("broken");
    ASSERT_NE(name, std::string::npos);
    bytes[name - 1] = '\x7f';  // the length of the name
    Memtable damaged;
    const Status applied = damaged.apply(bytes, 1);
    if (applied.is_ok()) {
        EXPECT_EQ(damaged.lookups(1).error().code(), ErrorCode::Corrupt);
        EXPECT_EQ(damaged.text(1).error().code(), ErrorCode::Corrupt);
    } else {
        EXPECT_EQ(applied.code(), ErrorCode::Corrupt);
    }
}

}  // namespace
}  // namespace kausal::memtable
