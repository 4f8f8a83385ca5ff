// Goal: one report is enough, states only rise, and the reason names file, offset and fact.
// Method: reports in rising and falling order against the public interface.
#include "wal/corruption_tracker.h"

#include <gtest/gtest.h>

namespace kausal::wal {
namespace {

TEST(CorruptionTracker, StartsHealthy) {
    const CorruptionTracker tracker;
    EXPECT_EQ(tracker.state(), HealthState::Healthy);
    EXPECT_TRUE(tracker.check_writable().is_ok());
    EXPECT_EQ(tracker.reason(), "");
}

TEST(CorruptionTracker, OneScopedDamageDegradesAndStillAllowsWrites) {
    CorruptionTracker tracker;
    tracker.report_scoped_damage({"0000000000000003.seg", 4096}, "frame checksum fails");
    EXPECT_EQ(tracker.state(), HealthState::Degraded);
    EXPECT_TRUE(tracker.check_writable().is_ok());
    EXPECT_EQ(tracker.reason(), "0000000000000003.seg: offset 4096: frame checksum fails");
    EXPECT_EQ(tracker.scoped_damages(), 1u);
}

TEST(CorruptionTracker, OneStructuralDamageRefusesWrites) {
    CorruptionTracker tracker;
    tracker.report_structural_damage({"MANIFEST-0000000000000001", 64}, "record is damaged");
    EXPECT_EQ(tracker.state(), HealthState::ReadOnly);
    EXPECT_EQ(tracker.check_writable().code(), ErrorCode::Corrupt);
    EXPECT_EQ(tracker.check_writable().message(), tracker.reason());
}

TEST(CorruptionTracker, SyncFailurePoisonsAndNothingLowersTheState) {
    CorruptionTracker tracker;
    tracker.report_sync_failure("0000000000000001.wal",
                                Status(ErrorCode::Unavailable, "I/O error"));
    EXPECT_EQ(tracker.state(), HealthState::Poisoned);
    EXPECT_EQ(tracker.check_writable().code(), ErrorCode::Poisoned);
    const std::string reason = tracker.reason();
    EXPECT_EQ(reason, "0000000000000001.wal: I/O error");
    tracker.report_scoped_damage({"x", 1}, "y");
    tracker.report_structural_damage({"x", 1}, "y");
    tracker.report_sync_failure("z", Status(ErrorCode::Unavailable, "later"));
    EXPECT_EQ(tracker.state(), HealthState::Poisoned);
    EXPECT_EQ(tracker.reason(), reason);
    EXPECT_EQ(tracker.sync_failures(), 2u);
    EXPECT_EQ(tracker.structural_damages(), 1u);
}

TEST(CorruptionTracker, HigherStateReplacesTheReason) {
    CorruptionTracker tracker;
    tracker.report_scoped_damage({"a", 1}, "first");
    tracker.report_structural_damage({"b", 2}, "second");
    EXPECT_EQ(tracker.state(), HealthState::ReadOnly);
    EXPECT_EQ(tracker.reason(), "b: offset 2: second");
}

}  // namespace
}  // namespace kausal::wal
