// Goal: no damage to a log ever yields wrong data. A cut log gives a prefix of its commits; a
// flipped byte is detected or gives a prefix that misses nothing known durable. Method: exhaustive:
// every length of a small log, every bit position pattern of every byte, with and without syncs,
// with one segment and with three.
#include "wal/log_fixture.h"

#include <gtest/gtest.h>

namespace kausal::wal {
namespace {

using test::append;
using test::log_path;
using test::make_writer;
using test::MemoryVfs;
using test::open_directory;
using test::Records;
using test::recover;

/// True when `records` is what `groups` of the groups hold, for some number of them; returns it.
std::optional<size_t> groups_in(const Records& records, const std::vector<Records>& prefixes) {
    for (size_t i = 0; i < prefixes.size(); ++i) {
        if (prefixes[i] == records) return i;
    }
    return std::nullopt;
}

struct SmallLog {
    MemoryVfs vfs;
    std::vector<Records> prefixes{{}};  // after 0, 1, 2 ... groups
    std::vector<LogPosition> ends;

    SmallLog(bool sync, int groups, bool rolls, bool closes) {
        const auto directory = open_directory(vfs);
        const auto writer = make_writer(*directory);
        Records written;
        for (int i = 0; i < groups; ++i) {
            ends.push_back(*append(*writer, 1 + static_cast<size_t>(i % 2),
                                   static_cast<size_t>(11 + i), sync, &written));
            prefixes.push_back(written);
            const bool roll = rolls && i + 1 < groups;
            EXPECT_TRUE(!roll || writer->roll().is_ok());
        }
        EXPECT_TRUE(!closes || writer->close().is_ok());
        // Zeroed space is judged elsewhere; here it would only make the loops long.
        std::string& bytes = vfs.content(log_path(ends.back().segment_id));
        bytes.resize(std::min<size_t>(bytes.size(), ends.back().offset + 80));
    }
};

TEST(LogDamage, EveryLengthGivesAPrefixOfCommits) {
    for (const bool sync : {false, true}) {
        const SmallLog log(sync, 5, false, false);
        const size_t full = log.ends.back().offset;
        size_t most = 0;
        for (size_t length = 0; length <= full; ++length) {
            const auto vfs = log.vfs.clone();
            vfs->content(log_path(1)).resize(length);
            const auto recovered = recover(*vfs);
            ASSERT_TRUE(recovered.status.is_ok()) << length << recovered.status.message();
            const auto groups = groups_in(recovered.records, log.prefixes);
            ASSERT_TRUE(groups.has_value()) << length;
            // Exactly the groups that are whole.
            size_t whole = 0;
            while (whole < log.ends.size() && log.ends[whole].offset <= length) ++whole;
            EXPECT_EQ(*groups, whole) << length;
            EXPECT_GE(*groups, most);
            most = *groups;
        }
        EXPECT_EQ(most, 5u);
    }
}

struct FlipCount {
    size_t detected = 0;
    size_t shorter = 0;
    size_t harmless = 0;
};

/// Flips every byte of segment `id` in several ways and checks each outcome.
FlipCount flip_all(const SmallLog& log, uint64_t id, size_t durable_groups) {
    FlipCount count;
    const size_t size = log.vfs.clone()->content(log_path(id)).size();
    for (size_t at = 0; at < size; ++at) {
        for (const int mask : {0x01, 0x80, 0xff}) {
            const auto vfs = log.vfs.clone();
            std::string& bytes = vfs->content(log_path(id));
            bytes[at] = static_cast<char>(bytes[at] ^ mask);
            const auto recovered = recover(*vfs);
            const auto groups = groups_in(recovered.records, log.prefixes);
            EXPECT_TRUE(groups.has_value()) << "segment " << id << " byte " << at;
            if (!recovered.status.is_ok()) {
                EXPECT_EQ(recovered.status.code(), ErrorCode::Corrupt) << at;
                ++count.detected;
                continue;
            }
            EXPECT_GE(groups.value_or(0), durable_groups) << "segment " << id << " byte " << at;
            if (groups == log.prefixes.size() - 1) {
                ++count.harmless;
            } else {
                ++count.shorter;
            }
        }
    }
    return count;
}

TEST(LogDamage, EveryFlippedByteOfASyncedLogIsSeen) {
    const SmallLog log(true, 5, false, false);
    // All but the last group lie below a later claim; the last one is the documented ambiguity.
    const FlipCount count = flip_all(log, 1, 4);
    EXPECT_GE(count.detected, 3 * (log.ends[3].offset - 8));
    EXPECT_GT(count.shorter, 0u);
}

TEST(LogDamage, EveryFlippedByteOfAnUnsyncedLogGivesAPrefix) {
    const SmallLog log(false, 5, false, false);
    const FlipCount count = flip_all(log, 1, 0);
    EXPECT_GT(count.shorter, 0u);
}

TEST(LogDamage, EveryFlippedByteOfAClosedLogIsDetectedOrHarmless) {
    const SmallLog log(false, 4, false, true);
    const FlipCount count = flip_all(log, 1, 4);
    EXPECT_GE(count.detected, 3 * log.ends.back().offset);
    EXPECT_EQ(count.shorter, 0u);
}

TEST(LogDamage, EveryFlippedByteOfAChainOfSegments) {
    const SmallLog log(false, 3, true, true);
    for (const uint64_t id : {1u, 2u, 3u}) {
        const FlipCount count = flip_all(log, id, 3);
        EXPECT_EQ(count.shorter, 0u) << id;
        EXPECT_GE(count.detected, 3 * log.ends[id - 1].offset) << id;
    }
}

}  // namespace
}  // namespace kausal::wal
