// Goal: whatever call of the file system fails, and wherever the power goes, no acknowledged group
// is lost, groups are whole, and the log opens again. Method: one scenario (groups of all modes,
// segments that roll, a reopen) is run once to count its changing calls, then again with a fault at
// each of them: one failure or all from there on, with error codes of full and broken disks, with
// half-done writes; then the crash states of memory_vfs.h.
#include "wal/log_fixture.h"

#include <gtest/gtest.h>

namespace kausal::wal {
namespace {

using test::append;
using test::CrashKind;
using test::FaultPlan;
using test::FaultVfs;
using test::MemoryVfs;
using test::open_directory;
using test::Records;
using test::recover;

constexpr uint64_t kSegmentSize = 4096;

struct Outcome {
    Records acked;     // synced: must survive anything
    Records possible;  // everything that may be there
    std::vector<uint64_t> group_ends{0};
};

/// Commits until something fails that the log cannot survive. Failures that leave the log usable
/// are followed by further commits.
void commit_some(io::Directory& directory, const LogStart& start, Outcome& outcome) {
    auto created =
        LogWriter::create(directory, test::kIdentity, {.segment_size_bytes = kSegmentSize}, start);
    if (!created) return;
    LogWriter& writer = **created;
    Records unsynced;
    for (int i = 0; i < 8; ++i) {
        const bool sync = i % 3 != 1;
        Records group;
        const uint64_t before = writer.last_seq();
        auto position = append(writer, 2, 300 + static_cast<size_t>(i) * 100, sync, &group);
        if (!position) {
            const bool unknown = position.error().code() == ErrorCode::OutcomeUnknown;
            if (unknown) {
                EXPECT_TRUE(writer.is_poisoned());
                for (uint64_t seq = before + 1; seq <= before + 2; ++seq) {
                    outcome.possible[seq] =
                        test::payload_of(seq, 300 + static_cast<size_t>(i) * 100);
                }
                outcome.group_ends.push_back(before + 2);
            }
            if (!writer.is_poisoned()) continue;
            const LogRecord record[] = {{.seq = before + 10}};
            EXPECT_EQ(writer.append_group(record, true).error().code(), ErrorCode::Poisoned);
            EXPECT_EQ(writer.sync().code(), ErrorCode::Poisoned);
            return;
        }
        outcome.group_ends.push_back(writer.last_seq());
        outcome.possible.insert(group.begin(), group.end());
        unsynced.insert(group.begin(), group.end());
        if (sync) outcome.acked.merge(unsynced);
        // Rolls behind an unsynced group: what follows in the next segment relies on the seal.
        if (i == 4 && !writer.roll().is_ok() && writer.is_poisoned()) return;
    }
    if (writer.close().is_ok()) outcome.acked = outcome.possible;
}

/// Two sessions with a recovery between them.
void run_scenario(io::Vfs& vfs, Outcome& outcome) {
    for (int session = 0; session < 2; ++session) {
        const auto recovered = recover(vfs);
        if (!recovered.status.is_ok()) return;
        const auto directory = open_directory(vfs);
        commit_some(*directory, recovered.report.next, outcome);
    }
}

/// What is read back must be a prefix of what was written, at group borders, with all that was
/// acked.
void check_prefix(MemoryVfs& vfs, const Outcome& outcome, const std::string& what) {
    const auto recovered = recover(vfs);
    ASSERT_TRUE(recovered.status.is_ok()) << what << ": " << recovered.status.message();
    const uint64_t last = recovered.records.empty() ? 0 : recovered.records.rbegin()->first;
    EXPECT_GE(last, outcome.acked.empty() ? 0 : outcome.acked.rbegin()->first) << what;
    Records expected;
    for (const auto& [seq, payload] : outcome.possible) {
        if (seq <= last) expected.emplace(seq, payload);
    }
    EXPECT_EQ(recovered.records, expected) << what;
    EXPECT_NE(std::ranges::find(outcome.group_ends, last), outcome.group_ends.end()) << what;
    // Usable again: one more commit, one more look.
    const auto directory = open_directory(vfs);
    const auto writer = test::make_writer(*directory, recovered.report.next, kSegmentSize);
    ASSERT_NE(writer, nullptr) << what;
    ASSERT_TRUE(append(*writer, 1, 20, true, &expected).has_value()) << what;
    EXPECT_EQ(recover(vfs).records, expected) << what;
}

uint64_t count_calls() {
    MemoryVfs memory;
    (void)memory.make_directories(test::kPath);
    const auto plan = std::make_shared<FaultPlan>();
    FaultVfs vfs(memory, plan);
    Outcome outcome;
    run_scenario(vfs, outcome);
    EXPECT_EQ(outcome.acked.size(), 32u);
    return plan->calls;
}

TEST(LogFault, EveryFailingCallLosesNothingAcked) {
    const uint64_t calls = count_calls();
    ASSERT_GT(calls, 60u);
    for (const ErrorCode code : {ErrorCode::Unavailable, ErrorCode::NoSpace}) {
        for (const bool sticky : {false, true}) {
            for (uint64_t n = 1; n <= calls; ++n) {
                MemoryVfs memory;
                (void)memory.make_directories(test::kPath);
                const auto plan = std::make_shared<FaultPlan>();
                plan->fail_at = n;
                plan->code = code;
                plan->sticky = sticky;
                plan->partial_writes = true;
                FaultVfs vfs(memory, plan);
                Outcome outcome;
                run_scenario(vfs, outcome);
                const std::string what = "call " + std::to_string(n) + (sticky ? " sticky " : " ") +
                                         std::string(error_code_name(code));
                ASSERT_GE(plan->failures, 1u) << what;
                check_prefix(memory, outcome, what);
            }
        }
    }
}

TEST(LogFault, PowerLossAtEveryCallLeavesAPrefixWithAllAcked) {
    const uint64_t calls = count_calls();
    for (uint64_t n = 1; n <= calls; ++n) {
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
            const CrashKind kind = state == 0   ? CrashKind::DropUnsynced
                                   : state == 1 ? CrashKind::KeepAll
                                                : CrashKind::Mixed;
            memory.crash(kind, n * 100 + static_cast<uint64_t>(state));
            check_prefix(
                memory, outcome,
                "power loss at call " + std::to_string(n) + " state " + std::to_string(state));
            if (HasFatalFailure()) return;
        }
    }
}

TEST(LogFault, PowerLossInsideRecoveryLosesNothing) {
    // A torn log first; then the power goes at every call of its recovery.
    MemoryVfs torn;
    Outcome outcome;
    {
        const auto directory = open_directory(torn);
        const auto writer = test::make_writer(*directory);
        for (int i = 0; i < 4; ++i) {
            ASSERT_TRUE(append(*writer, 2, 700, i < 2, &outcome.possible).has_value());
            outcome.group_ends.push_back(writer->last_seq());
        }
        outcome.acked = {outcome.possible.begin(), outcome.possible.find(5)};
        std::string& bytes = torn.content(test::log_path(1));
        bytes[writer->position().offset - 100] = '!';
    }
    uint64_t calls = 1;
    for (uint64_t n = 1; n <= calls; ++n) {
        for (int state = 0; state < 10; ++state) {
            const auto memory = torn.clone();
            const auto plan = std::make_shared<FaultPlan>();
            plan->fail_at = n;
            plan->sticky = true;
            {
                FaultVfs vfs(*memory, plan);
                const auto recovered = recover(vfs);
                calls = std::max(calls, plan->calls);
                EXPECT_EQ(recovered.status.is_ok(), plan->failures == 0);
            }
            memory->crash(state == 0   ? CrashKind::DropUnsynced
                          : state == 1 ? CrashKind::KeepAll
                                       : CrashKind::Mixed,
                          n * 100 + static_cast<uint64_t>(state));
            check_prefix(*memory, outcome, "recovery cut at call " + std::to_string(n));
            if (HasFatalFailure()) return;
        }
        // Only the first round tells how many calls there are.
        if (n == 1) {
            const auto plan = std::make_shared<FaultPlan>();
            const auto memory = torn.clone();
            FaultVfs vfs(*memory, plan);
            ASSERT_TRUE(recover(vfs).status.is_ok());
            calls = plan->calls;
            ASSERT_GE(calls, 8u);
        }
    }
}

TEST(LogFault, FullDiskIsReportedAndTheLogGoesOnWhenSpaceReturns) {
    MemoryVfs memory;
    const auto plan = std::make_shared<FaultPlan>();
    FaultVfs vfs(memory, plan);
    const auto directory = open_directory(vfs);
    const auto writer = test::make_writer(*directory, {}, kSegmentSize);
    Records written;
    ASSERT_TRUE(append(*writer, 1, 100, true, &written).has_value());
    plan->space_bytes = 2000;
    plan->partial_writes = true;
    int refused = 0;
    for (int i = 0; i < 10; ++i) {
        const auto position = append(*writer, 1, 900, true, &written);
        if (position) continue;
        EXPECT_EQ(position.error().code(), ErrorCode::NoSpace);
        ++refused;
    }
    EXPECT_GT(refused, 0);
    // Nothing of a refused group is left behind.
    EXPECT_EQ(recover(memory, RecoveryMode::ReadOnly).report.end_kind, LogEnd::Clean);
    EXPECT_FALSE(writer->is_poisoned());
    plan->space_bytes = uint64_t{1} << 30;
    ASSERT_TRUE(append(*writer, 1, 900, true, &written).has_value());
    const auto recovered = recover(memory);
    ASSERT_TRUE(recovered.status.is_ok()) << recovered.status.message();
    EXPECT_EQ(recovered.records, written);
}

TEST(LogFault, FailedSyncIsAnUnknownOutcomeAndNeverAskedAgain) {
    MemoryVfs memory;
    const auto plan = std::make_shared<FaultPlan>();
    FaultVfs vfs(memory, plan);
    const auto directory = open_directory(vfs);
    const auto writer = test::make_writer(*directory);
    ASSERT_TRUE(append(*writer, 1, 100, true).has_value());
    plan->fail_at = plan->calls + 2;  // the write passes, its sync does not
    EXPECT_EQ(append(*writer, 1, 100, true).error().code(), ErrorCode::OutcomeUnknown);
    const uint64_t calls = plan->calls;
    EXPECT_EQ(writer->sync().code(), ErrorCode::Poisoned);
    EXPECT_EQ(append(*writer, 1, 100, true).error().code(), ErrorCode::Poisoned);
    EXPECT_EQ(writer->close().code(), ErrorCode::Poisoned);
    EXPECT_EQ(plan->calls, calls);
}

}  // namespace
}  // namespace kausal::wal
