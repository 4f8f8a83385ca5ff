// Goal: edits survive their encoding, states follow from edits alone, and applying twice changes
// nothing. Method: round trips, every cut and every flipped byte of an encoded edit, hand-made
// unknown fields.
#include "manifest/version_edit.h"

#include "base/coding.h"
#include "manifest/manifest_fixture.h"

#include <gtest/gtest.h>

namespace kausal::manifest {
namespace {

using test::segment;

VersionEdit example() {
    VersionEdit edit;
    edit.segments_added = {segment(5, 50), segment(4, 40)};
    edit.segments_removed = {1, 2};
    edit.wal_first_segment_id = 10'000;
    edit.wal_newest_segment_id = 10'001;
    edit.last_seq = uint64_t{1} << 60;
    edit.next_file_id = 300;
    edit.properties_set = {{"name", "value"}, {"empty", ""}};
    edit.properties_removed = {"old"};
    return edit;
}

ManifestState state_of(const VersionEdit& edit) {
    ManifestState state;
    EXPECT_TRUE(state.apply(edit).is_ok());
    return state;
}

TEST(VersionEdit, SurvivesEncoding) {
    std::string bytes;
    example().encode(bytes);
    const auto edit = VersionEdit::decode(bytes);
    ASSERT_TRUE(edit.has_value()) << edit.error().message();
    EXPECT_EQ(edit->segments_added, example().segments_added);
    EXPECT_EQ(edit->segments_removed, example().segments_removed);
    EXPECT_EQ(edit->wal_first_segment_id, 10'000u);
    EXPECT_EQ(edit->wal_newest_segment_id, 10'001u);
    EXPECT_EQ(edit->last_seq, uint64_t{1} << 60);
    EXPECT_EQ(edit->next_file_id, 300u);
    EXPECT_EQ(edit->properties_set, example().properties_set);
    EXPECT_EQ(edit->properties_removed, example().properties_removed);
}

TEST(VersionEdit, EmptyEditIsEmptyBytes) {
    std::string bytes;
    VersionEdit{}.encode(bytes);
    EXPECT_EQ(bytes, "");
    EXPECT_EQ(state_of(*VersionEdit::decode("")), ManifestState{});
}

TEST(VersionEdit, EveryCutIsAnErrorOrAWholeNumberOfFields) {
    std::string bytes;
    example().encode(bytes);
    size_t whole = 0;
    for (size_t size = 0; size < bytes.size(); ++size) {
        const auto edit = VersionEdit::decode(std::string_view(bytes).substr(0, size));
        if (edit) {
            ++whole;
        } else {
            EXPECT_EQ(edit.error().code(), ErrorCode::Corrupt) << size;
        }
    }
    EXPECT_EQ(whole, 11u);  // of 11 fields, so none up to ten
}

TEST(VersionEdit, UnknownFieldsAreCriticalBelow128) {
    std::string bytes;
    put_varint(bytes, 127);
    put_string(bytes, "x");
    EXPECT_EQ(VersionEdit::decode(bytes).error().code(), ErrorCode::NewerFormat);
    bytes.clear();
    put_varint(bytes, 128);
    put_string(bytes, "x");
    EXPECT_TRUE(VersionEdit::decode(bytes).has_value());
}

TEST(VersionEdit, TrailingBytesInAFieldAreCorrupt) {
    std::string bytes;
    put_varint(bytes, 5);
    put_string(bytes, std::string_view("\x01\x02", 2));
    EXPECT_EQ(VersionEdit::decode(bytes).error().code(), ErrorCode::Corrupt);
}

TEST(ManifestState, KeepsSegmentsNewestFirst) {
    ManifestState state;
    VersionEdit edit;
    edit.segments_added = {segment(1, 10), segment(2, 30), segment(3, 20)};
    ASSERT_TRUE(state.apply(edit).is_ok());
    ASSERT_EQ(state.segments.size(), 3u);
    EXPECT_EQ(state.segments[0].file_id, 2u);
    EXPECT_EQ(state.segments[1].file_id, 3u);
    EXPECT_EQ(state.segments[2].file_id, 1u);
    EXPECT_EQ(state.find(3)->age_rank, 20u);
    EXPECT_EQ(state.find(9), nullptr);
}

TEST(ManifestState, OutputOfACompactionMayTakeTheRankOfAnInput) {
    ManifestState state;
    VersionEdit edit;
    edit.segments_added = {segment(1, 10), segment(2, 20)};
    ASSERT_TRUE(state.apply(edit).is_ok());
    VersionEdit compaction;
    compaction.segments_removed = {1, 2};
    compaction.segments_added = {segment(3, 20)};
    ASSERT_TRUE(state.apply(compaction).is_ok());
    ASSERT_EQ(state.segments.size(), 1u);
    EXPECT_EQ(state.segments[0].file_id, 3u);
}

TEST(ManifestState, AnEditAppliedTwiceIsTheSame) {
    const ManifestState once = state_of(example());
    ManifestState twice = once;
    ASSERT_TRUE(twice.apply(example()).is_ok());
    EXPECT_EQ(once, twice);
}

TEST(ManifestState, NumbersOnlyGrow) {
    ManifestState state = state_of(example());
    VersionEdit lower;
    lower.wal_first_segment_id = 1;
    lower.last_seq = 1;
    lower.next_file_id = 1;
    const ManifestState before = state;
    ASSERT_TRUE(state.apply(lower).is_ok());
    EXPECT_EQ(state, before);
}

TEST(ManifestState, ContradictionsAreCorruptAndChangeNothing) {
    ManifestState state = state_of(example());
    const ManifestState before = state;
    VersionEdit other_content;
    other_content.segments_added = {segment(5, 51)};
    EXPECT_EQ(state.apply(other_content).code(), ErrorCode::Corrupt);
    VersionEdit same_rank;
    same_rank.last_seq = ~uint64_t{0};
    same_rank.segments_added = {segment(6, 40)};
    EXPECT_EQ(state.apply(same_rank).code(), ErrorCode::Corrupt);
    EXPECT_EQ(state, before);
}

TEST(ManifestState, SnapshotEditRebuildsIt) {
    const ManifestState state = state_of(example());
    EXPECT_EQ(state_of(state.as_edit()), state);
}

}  // namespace
}  // namespace kausal::manifest
