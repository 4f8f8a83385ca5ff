// Goal: whatever call fails and wherever the power goes, the manifest opens again with every
// acknowledged edit, and no file id is given twice. Method: a scenario of two sessions is counted
// once and repeated with a fault at each changing call; then the crash states of memory_vfs.h.
#include "manifest/manifest_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace kausal::manifest {
namespace {

using test::CrashKind;
using test::FaultPlan;
using test::FaultVfs;
using test::MemoryVfs;
using test::open_directory;

struct Outcome {
    std::set<uint64_t> acked;    // file ids that must be live
    std::set<uint64_t> unknown;  // may be live
    std::set<uint64_t> given;    // ids handed out
    std::set<std::string> properties;
};

void edit_some(Manifest& manifest, Outcome& outcome) {
    for (int i = 0; i < 6; ++i) {
        const auto id = manifest.allocate_file_id();
        if (!id) {
            if (manifest.is_poisoned()) return;
            continue;
        }
        EXPECT_TRUE(outcome.given.insert(*id).second) << "file id " << *id << " given twice";
        VersionEdit edit;
        edit.segments_added = {test::segment(*id, *id)};
        const Status status = manifest.append(edit);
        if (status.is_ok()) {
            outcome.acked.insert(*id);
            continue;
        }
        if (status.code() == ErrorCode::OutcomeUnknown) outcome.unknown.insert(*id);
        if (!manifest.is_poisoned()) continue;
        EXPECT_EQ(manifest.append({.last_seq = 1}).code(), ErrorCode::Poisoned);
        return;
    }
}

void run_scenario(io::Vfs& vfs, Outcome& outcome) {
    const ManifestOptions options{.rewrite_size_bytes = 600};
    const auto directory = open_directory(vfs);
    {
        auto created = Manifest::create(*directory, test::kUuid, options);
        if (!created) created = Manifest::open(*directory, false, options);
        if (!created) return;
        edit_some(**created, outcome);
    }
    const auto opened = Manifest::open(*directory, false, options);
    if (opened) edit_some(**opened, outcome);
}

void check(MemoryVfs& memory, const Outcome& outcome, const std::string& what) {
    const auto directory = open_directory(memory);
    const DirectoryState found = *classify_directory(*directory);
    if (found == DirectoryState::Empty || found == DirectoryState::Interrupted) {
        EXPECT_TRUE(outcome.acked.empty()) << what;
        EXPECT_TRUE(Manifest::create(*directory, test::kUuid).has_value()) << what;
        return;
    }
    auto opened = Manifest::open(*directory, false);
    ASSERT_TRUE(opened.has_value()) << what << ": " << opened.error().message();
    std::set<uint64_t> live;
    for (const SegmentMeta& meta : (*opened)->state().segments) {
        EXPECT_EQ(meta, test::segment(meta.file_id, meta.file_id)) << what;
        live.insert(meta.file_id);
    }
    EXPECT_TRUE(std::ranges::includes(live, outcome.acked)) << what;
    for (const uint64_t id : live) {
        EXPECT_TRUE(outcome.acked.contains(id) || outcome.unknown.contains(id)) << what << id;
    }
    const auto fresh = (*opened)->allocate_file_id();
    ASSERT_TRUE(fresh.has_value()) << what;
    EXPECT_FALSE(outcome.given.contains(*fresh)) << what;
    EXPECT_NE(test::add_segment(**opened, 1'000'000), 0u) << what;
}

uint64_t count_calls() {
    MemoryVfs memory;
    const auto plan = std::make_shared<FaultPlan>();
    FaultVfs vfs(memory, plan);
    Outcome outcome;
    run_scenario(vfs, outcome);
    EXPECT_EQ(outcome.acked.size(), 12u);
    return plan->calls;
}

TEST(ManifestFault, EveryFailingCallLosesNothingAcked) {
    const uint64_t calls = count_calls();
    ASSERT_GT(calls, 60u);
    for (const ErrorCode code : {ErrorCode::Unavailable, ErrorCode::NoSpace}) {
        for (const bool sticky : {false, true}) {
            for (uint64_t n = 1; n <= calls; ++n) {
                MemoryVfs memory;
                (void)memory.make_directories(test::kPath);
                const auto plan = std::make_shared<FaultPlan>();
                plan->fail_at = n + 1;  // call 1 makes the directory, which exists here
                plan->code = code;
                plan->sticky = sticky;
                plan->partial_writes = true;
                FaultVfs vfs(memory, plan);
                Outcome outcome;
                run_scenario(vfs, outcome);
                check(memory, outcome,
                      "call " + std::to_string(n + 1) + (sticky ? " sticky " : " ") +
                          std::string(error_code_name(code)));
                if (HasFatalFailure()) return;
            }
        }
    }
}

TEST(ManifestFault, PowerLossAtEveryCallLosesNothingAcked) {
    const uint64_t calls = count_calls();
    for (uint64_t n = 2; n <= calls; ++n) {
        for (int state = 0; state < 10; ++state) {
            MemoryVfs memory;
            (void)memory.make_directories(test::kPath);
            const auto plan = std::make_shared<FaultPlan>();
            plan->fail_at = n;
            plan->sticky = true;
            plan->partial_writes = state % 2 == 1;
            Outcome outcome;
            {
                FaultVfs vfs(memory, plan);
                run_scenario(vfs, outcome);
            }
            // What was in flight when the power went may have reached the disk.
            outcome.unknown = outcome.given;
            memory.crash(state == 0   ? CrashKind::DropUnsynced
                         : state == 1 ? CrashKind::KeepAll
                                      : CrashKind::Mixed,
                         n * 100 + static_cast<uint64_t>(state));
            check(memory, outcome,
                  "power loss at call " + std::to_string(n) + " state " + std::to_string(state));
            if (HasFatalFailure()) return;
        }
    }
}

TEST(ManifestFault, FailedSyncIsAnUnknownOutcome) {
    MemoryVfs memory;
    const auto plan = std::make_shared<FaultPlan>();
    FaultVfs vfs(memory, plan);
    const auto directory = open_directory(vfs);
    const auto manifest = std::move(*Manifest::create(*directory, test::kUuid));
    plan->fail_at = plan->calls + 2;
    EXPECT_EQ(manifest->append({.last_seq = 5}).code(), ErrorCode::OutcomeUnknown);
    EXPECT_EQ(manifest->state().last_seq, 0u);
    EXPECT_TRUE(manifest->is_poisoned());
    EXPECT_EQ(manifest->append({.last_seq = 6}).code(), ErrorCode::Poisoned);
}

TEST(ManifestFault, FullDiskLeavesItUsable) {
    MemoryVfs memory;
    const auto plan = std::make_shared<FaultPlan>();
    plan->partial_writes = true;
    FaultVfs vfs(memory, plan);
    const auto directory = open_directory(vfs);
    const auto manifest = std::move(*Manifest::create(*directory, test::kUuid));
    plan->space_bytes = 10;
    EXPECT_EQ(manifest->append({.last_seq = 5}).code(), ErrorCode::NoSpace);
    EXPECT_FALSE(manifest->is_poisoned());
    const auto reader = open_directory(memory);
    EXPECT_TRUE(test::open_manifest(*reader, true)->was_read_cleanly());
    plan->space_bytes = 1 << 20;
    ASSERT_TRUE(manifest->append({.last_seq = 6}).is_ok());
    const auto again = open_directory(memory);
    EXPECT_EQ(test::open_manifest(*again, true)->state().last_seq, 6u);
}

}  // namespace
}  // namespace kausal::manifest
