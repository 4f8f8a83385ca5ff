// Goal: a full disk changes nothing and passes; a failed sync gives an unknown outcome, poisons,
// and leaves reading possible; the next open has everything acknowledged. Method: a Vfs that fails
// on order.
#include "io/fault_vfs.h"
#include "io/memory_vfs.h"
#include "storage/database_fixture.h"
#include "storage/stepping_executor.h"

#include <gtest/gtest.h>

namespace kausal::storage {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class Fault : public ::testing::Test {
  protected:
    Environment environment() {
        return {
            .vfs = &vfs_, .clock = clock_.get(), .random = random_.get(), .executor = &executor_};
    }
    void open(Durability durability) {
        StorageOptions options = small_options();
        options.durability = durability;
        options.compaction_enabled = false;
        engine_ = must_open(environment(), "/db", options);
        ASSERT_NE(engine_, nullptr);
    }
    Result<uint64_t> put(uint64_t number, size_t content_size = 100) {
        format::WriteBatch batch;
        const Sample sample{.number = number, .content = std::string(content_size, 'f')};
        EXPECT_TRUE(batch.put_block(sample.record()).is_ok());
        return engine_->commit(batch);
    }
    /// The next changing call whose text is `operation` fails with `code`.
    void fail_next(const std::string& operation, ErrorCode code) {
        plan_->records_trace = true;
        plan_->trace.clear();
        plan_->code = code;
        operation_ = operation;
    }

    test::MemoryVfs memory_;
    std::shared_ptr<test::FaultPlan> plan_ = std::make_shared<test::FaultPlan>();
    test::FaultVfs vfs_{memory_, plan_};
    std::unique_ptr<io::Clock> clock_ = io::make_system_clock();
    std::unique_ptr<io::Random> random_ = io::make_system_random();
    SteppingExecutor executor_;
    std::string operation_;
    std::unique_ptr<StorageEngine> engine_;
};

TEST_F(Fault, AFullDiskChangesNothingAndPasses) {
    open(Durability::Full);
    ASSERT_TRUE(put(1).has_value());
    uint64_t number = 2;
    plan_->space_bytes = 20'000;
    Result<uint64_t> last = put(number);
    while (last && number < 10'000) last = put(++number, 500);
    ASSERT_FALSE(last.has_value());
    EXPECT_EQ(last.error().code(), ErrorCode::NoSpace) << last.error().message();
    EXPECT_EQ(content_of(*engine_->snapshot(), number), std::nullopt);
    EXPECT_EQ(engine_->stats().health, Health::Healthy);
    EXPECT_EQ(put(number, 500).error().code(), ErrorCode::NoSpace);
    // Somebody frees space.
    plan_->space_bytes.reset();
    ASSERT_TRUE(put(number, 500).has_value());
    ASSERT_TRUE(put(number + 1, 500).has_value());
    const auto check = [&] {
        for (uint64_t i = 1; i <= number + 1; ++i) {
            ASSERT_TRUE(content_of(*engine_->snapshot(), i).has_value()) << i;
        }
    };
    check();
    ASSERT_TRUE(engine_->close().is_ok());
    engine_.reset();
    open(Durability::Full);
    check();
}

TEST_F(Fault, AFailedFlushForLackOfSpaceIsTriedAgain) {
    open(Durability::None);
    for (uint64_t number = 0; number < 20; ++number) ASSERT_TRUE(put(number, 500).has_value());
    // Enough for rolling the log, too little for a segment.
    plan_->space_bytes = 3'000;
    const Status flushed = engine_->flush();
    ASSERT_EQ(flushed.code(), ErrorCode::NoSpace) << flushed.message();
    EXPECT_EQ(engine_->stats().segment_count, 0u);
    EXPECT_EQ(engine_->stats().health, Health::Healthy);
    EXPECT_EQ(content_of(*engine_->snapshot(), 7), std::string(500, 'f'));
    plan_->space_bytes.reset();
    ASSERT_TRUE(engine_->flush().is_ok());
    EXPECT_EQ(engine_->stats().segment_count, 1u);
    EXPECT_EQ(content_of(*engine_->snapshot(), 7), std::string(500, 'f'));
}

TEST_F(Fault, AFailedSyncOfTheLogPoisons) {
    open(Durability::Full);
    ASSERT_TRUE(put(1).has_value());
    ASSERT_TRUE(put(2).has_value());
    // A commit into written-ahead space is one write and one sync: the second changing call.
    plan_->fail_at = plan_->calls + 2;
    const Result<uint64_t> third = put(3);
    ASSERT_FALSE(third.has_value());
    EXPECT_EQ(third.error().code(), ErrorCode::OutcomeUnknown) << third.error().message();
    EXPECT_EQ(plan_->failures, 1u);
    EXPECT_EQ(engine_->stats().health, Health::Poisoned);
    EXPECT_FALSE(engine_->stats().health_reason.empty());
    EXPECT_EQ(put(4).error().code(), ErrorCode::Poisoned);
    EXPECT_EQ(engine_->flush().code(), ErrorCode::Poisoned);
    EXPECT_EQ(engine_->begin_bulk().error().code(), ErrorCode::Poisoned);
    EXPECT_EQ(content_of(*engine_->snapshot(), 2), std::string(100, 'f'));
    EXPECT_EQ(content_of(*engine_->snapshot(), 3), std::nullopt);
    (void)engine_->close();
    engine_.reset();
    open(Durability::Full);
    EXPECT_EQ(engine_->stats().health, Health::Healthy);
    EXPECT_EQ(content_of(*engine_->snapshot(), 1), std::string(100, 'f'));
    EXPECT_EQ(content_of(*engine_->snapshot(), 2), std::string(100, 'f'));
    ASSERT_TRUE(put(5).has_value());
}

// Every changing call of a scenario fails once: whatever happens, acknowledged data stays readable,
// an error is told as an error, and the next open has all that was acknowledged.
TEST_F(Fault, EveryCallMayFailOnce) {
    for (const ErrorCode code : {ErrorCode::Unavailable, ErrorCode::NoSpace}) {
        uint64_t fail_at = 1;
        bool reached = true;
        for (; reached; ++fail_at) {
            SCOPED_TRACE("call " + std::to_string(fail_at) + ", code " +
                         std::to_string(static_cast<int>(code)));
            test::MemoryVfs memory;
            const auto plan = std::make_shared<test::FaultPlan>();
            test::FaultVfs vfs(memory, plan);
            SteppingExecutor executor;
            const Environment environment{
                .vfs = &vfs, .clock = clock_.get(), .random = random_.get(), .executor = &executor};
            StorageOptions options = small_options();
            options.durability = Durability::Full;
            options.memtable_size_bytes = size_t{6} << 10;
            options.compaction_fan_in_min = 2;
            plan->fail_at = fail_at;
            plan->code = code;
            std::set<uint64_t> acknowledged;
            std::set<uint64_t> in_doubt;
            {
                auto engine = StorageEngine::open(environment, "/db", options);
                for (uint64_t number = 1; engine && number <= 24; ++number) {
                    format::WriteBatch batch;
                    const Sample sample{.number = number, .content = std::string(700, 'e')};
                    ASSERT_TRUE(batch.put_block(sample.record()).is_ok());
                    const Result<uint64_t> sequence = (*engine)->commit(batch);
                    if (sequence) {
                        acknowledged.insert(number);
                    } else if (sequence.error().code() == ErrorCode::OutcomeUnknown) {
                        in_doubt.insert(number);
                    }
                    for (const uint64_t seen : acknowledged) {
                        ASSERT_TRUE(content_of(*(*engine)->snapshot(), seen).has_value());
                    }
                    if (number == 12) (void)(*engine)->compact();
                }
                if (engine) (void)(*engine)->close();
            }
            executor.run_all();
            reached = plan->failures != 0;
            plan->fail_at = 0;
            memory.crash(test::CrashKind::DropUnsynced);
            auto engine = StorageEngine::open(environment, "/db", options);
            ASSERT_TRUE(engine.has_value()) << engine.error().message();
            for (uint64_t number = 1; number <= 24; ++number) {
                const bool exists = content_of(*(*engine)->snapshot(), number).has_value();
                if (acknowledged.contains(number)) {
                    ASSERT_TRUE(exists) << number;
                } else if (!in_doubt.contains(number)) {
                    ASSERT_FALSE(exists) << number;
                }
            }
            const auto report = (*engine)->verify();
            ASSERT_TRUE(report.has_value());
            for (const VerifyFinding& finding : report->findings) {
                ADD_FAILURE() << finding.file << ": " << finding.message;
            }
        }
        EXPECT_GT(fail_at, 60u);
    }
}

}  // namespace
}  // namespace kausal::storage
