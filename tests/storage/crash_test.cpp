// Goal: after a crash at any changing call the database opens, holds a prefix of the commits that
// contains every acknowledged one whole, verifies clean and takes further commits. Method: the file
// system in memory goes dead at call n and crashes, for every n of a scenario and several kinds of
// crash; the stepping executor makes each n the same every time.
#include "io/fault_vfs.h"
#include "io/memory_vfs.h"
#include "storage/model.h"
#include "storage/stepping_executor.h"

#include <gtest/gtest.h>

#include <ostream>

namespace kausal::storage {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

struct Scenario {
    Durability durability = Durability::Full;
    test::CrashKind kind = test::CrashKind::DropUnsynced;
    uint64_t seed = 1;
};

std::ostream& operator<<(std::ostream& out, const Scenario& scenario) {
    return out << "durability " << static_cast<int>(scenario.durability) << ", crash "
               << static_cast<int>(scenario.kind) << ", seed " << scenario.seed;
}

class CrashRun {
  public:
    CrashRun(const Scenario& scenario, uint64_t dead_at) : scenario_(scenario) {
        options_ = small_options();
        options_.durability = scenario.durability;
        options_.sync_interval_ms = 0;
        options_.memtable_size_bytes = size_t{4} << 10;
        options_.compaction_fan_in_min = 2;
        plan_->fail_at = dead_at;
        plan_->sticky = true;
        plan_->partial_writes = true;
    }

    /// False when the scenario ended before the call was reached.
    bool run() {
        states_.push_back({});
        work(1);
        const bool reached = plan_->failures != 0;
        plan_->fail_at = 0;
        memory_.crash(scenario_.kind, scenario_.seed * 1'000 + plan_->calls);
        check();
        return reached;
    }

  private:
    Environment environment() {
        return {
            .vfs = &vfs_, .clock = clock_.get(), .random = random_.get(), .executor = &executor_};
    }
    void work(uint64_t rounds) {
        Mutator mutator(scenario_.seed);
        for (uint64_t round = 0; round <= rounds; ++round) {
            auto engine = StorageEngine::open(environment(), "/db", options_);
            if (!engine) return;
            for (uint64_t i = 0; i < 14; ++i) {
                Model next = states_.back();
                format::WriteBatch batch;
                mutator.mutate(next, batch, i == 9 ? 120 : 6);
                const Result<uint64_t> sequence = (*engine)->commit(batch);
                if (!sequence) {
                    in_flight_ = std::move(next);
                    break;
                }
                states_.push_back(std::move(next));
                if (scenario_.durability == Durability::Full) acknowledged_ = states_.size() - 1;
                executor_.step();
                executor_.step();
            }
            if (round == 1 && (*engine)->compact().is_ok()) acknowledged_ = states_.size() - 1;
            if (round == 0 && (*engine)->close().is_ok()) acknowledged_ = states_.size() - 1;
            engine->reset();
            executor_.run_all();
        }
    }
    void check() {
        auto engine = StorageEngine::open(environment(), "/db", options_);
        ASSERT_TRUE(engine.has_value()) << engine.error().message();
        const SnapshotRef snapshot = (*engine)->snapshot();
        const uint64_t found = snapshot->sequence();
        ASSERT_GE(found, acknowledged_);
        // The commit in flight may have survived, whole.
        if (in_flight_) states_.push_back(*in_flight_);
        ASSERT_LT(found, states_.size());
        ASSERT_NO_FATAL_FAILURE(expect_equal(*snapshot, states_[found]));
        const auto report = (*engine)->verify();
        ASSERT_TRUE(report.has_value());
        for (const VerifyFinding& finding : report->findings) {
            ADD_FAILURE() << finding.file << ": " << finding.message;
        }
        format::WriteBatch batch;
        ASSERT_TRUE(batch.put_block(Sample{.number = 500}.record()).is_ok());
        const Result<uint64_t> next = (*engine)->commit(batch);
        ASSERT_TRUE(next.has_value()) << next.error().message();
        ASSERT_EQ(*next, found + 1);
        ASSERT_TRUE((*engine)->close().is_ok());
        *engine = must_open(environment(), "/db", options_);
        ASSERT_TRUE(content_of(*(*engine)->snapshot(), 500).has_value());
    }

    Scenario scenario_;
    StorageOptions options_;
    test::MemoryVfs memory_;
    std::shared_ptr<test::FaultPlan> plan_ = std::make_shared<test::FaultPlan>();
    test::FaultVfs vfs_{memory_, plan_};
    std::unique_ptr<io::Clock> clock_ = io::make_system_clock();
    std::unique_ptr<io::Random> random_ = io::make_system_random();
    SteppingExecutor executor_;
    std::vector<Model> states_;  // by sequence number
    std::optional<Model> in_flight_;
    uint64_t acknowledged_ = 0;  // sequence number
};

class Crash : public ::testing::TestWithParam<Scenario> {};

TEST_P(Crash, AtEveryChangingCall) {
    uint64_t dead_at = 1;
    bool reached = true;
    for (; reached; ++dead_at) {
        SCOPED_TRACE("dead at call " + std::to_string(dead_at));
        reached = CrashRun(GetParam(), dead_at).run();
        if (::testing::Test::HasFailure()) return;
    }
    EXPECT_GT(dead_at, 100u);
}

INSTANTIATE_TEST_SUITE_P(
    Scenarios, Crash,
    ::testing::Values(Scenario{Durability::Full, test::CrashKind::DropUnsynced, 1},
                      Scenario{Durability::Full, test::CrashKind::KeepAll, 2},
                      Scenario{Durability::Full, test::CrashKind::Mixed, 3},
                      Scenario{Durability::Full, test::CrashKind::Mixed, 4},
                      Scenario{Durability::None, test::CrashKind::DropUnsynced, 5},
                      Scenario{Durability::None, test::CrashKind::Mixed, 6},
                      Scenario{Durability::Interval, test::CrashKind::Mixed, 7}));

}  // namespace
}  // namespace kausal::storage
