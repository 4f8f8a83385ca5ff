// Goal: through random batches, bulk loads, flushes, merges and reopenings every read of every
// snapshot, old ones included, agrees with a model. Method: thousands of operations with tiny
// memtables; snapshots are held with a copy of the model and checked again later; a seed names
// every run.
#include "storage/model.h"

#include <gtest/gtest.h>

#include <deque>

namespace kausal::storage {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

/// A bulk load takes a block once; of several operations on one only the last may reach it.
class BulkOnce {
  public:
    explicit BulkOnce(BulkLoad& load) : load_(load) {}
    Status put_block(const format::BlockRecord& record) {
        return used_.insert(record.id).second ? load_.add_block(record) : Status::ok();
    }
    Status delete_block(const BlockId& id) {
        return used_.insert(id).second ? load_.delete_block(id) : Status::ok();
    }

  private:
    BulkLoad& load_;
    std::set<BlockId> used_;
};

class OracleRun {
  public:
    explicit OracleRun(uint64_t seed) : mutator_(seed) {
        options_ = small_options();
        options_.memtable_size_bytes = (4u << 10) << mutator_.next(3);
        options_.frame_size_bytes = size_t{256} << mutator_.next(4);
        options_.compression_level = static_cast<int>(mutator_.next(2));
        options_.cache_size_bytes = mutator_.next(2) == 0 ? 0 : 16 << 10;
        options_.durability = mutator_.next(2) == 0 ? Durability::None : Durability::Interval;
        options_.sync_interval_ms = 5;
        options_.compaction_fan_in_min = 2 + static_cast<uint32_t>(mutator_.next(3));
        open();
    }

    void run(uint64_t steps) {
        for (uint64_t step = 0; step < steps && !::testing::Test::HasFatalFailure(); ++step) {
            advance();
        }
        if (::testing::Test::HasFatalFailure()) return;
        check_held();
        ASSERT_NO_FATAL_FAILURE(expect_equal(*engine_->snapshot(), model_));
        ASSERT_TRUE(engine_->compact().is_ok());
        ASSERT_LE(engine_->stats().segment_count, 1u);
        ASSERT_NO_FATAL_FAILURE(expect_equal(*engine_->snapshot(), model_));
        check_held();
        verify();
        reopen();
        ASSERT_NO_FATAL_FAILURE(expect_equal(*engine_->snapshot(), model_));
    }

    uint64_t flushes = 0;
    uint64_t merges = 0;

  private:
    void open() {
        engine_ = must_open(world_.environment(), directory_.path(), options_);
        ASSERT_NE(engine_, nullptr);
    }
    void count() {
        flushes += engine_->stats().flushes;
        merges += engine_->stats().compactions;
    }
    void reopen() {
        count();
        ASSERT_TRUE(engine_->close().is_ok());
        engine_.reset();
        open();
        ASSERT_EQ(engine_->stats().recovered_records, 0u);
    }
    // Empty when a file vanished in the middle: then a job is still at work.
    [[nodiscard]] std::map<std::string, uint64_t> listing() const {
        std::map<std::string, uint64_t> files;
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
            files[entry.path().string()] = entry.is_regular_file() ? entry.file_size(error) : 0;
            if (error) return {};
        }
        return files;
    }
    // The directory as a killed process would leave it: a copy that no job changed meanwhile.
    void crash() {
        count();
        for (uint64_t i = mutator_.next(4); i > 0; --i) batch(1 + mutator_.next(4));
        const ScratchDirectory copy;
        std::map<std::string, uint64_t> before;
        do {
            std::error_code vanished;
            std::filesystem::remove_all(copy.path());
            world_.executor->sleep_ns(1'000'000);
            before = listing();
            std::filesystem::copy(directory_.path(), copy.path(),
                                  std::filesystem::copy_options::recursive, vanished);
            if (vanished) before.clear();
        } while (before.empty() || before != listing());
        engine_.reset();
        std::filesystem::remove_all(directory_.path());
        std::filesystem::copy(copy.path(), directory_.path(),
                              std::filesystem::copy_options::recursive);
        open();
    }
    void batch(uint64_t operations) {
        format::WriteBatch made;
        mutator_.mutate(model_, made, operations);
        const Result<uint64_t> sequence = engine_->commit(made);
        ASSERT_TRUE(sequence.has_value()) << sequence.error().message();
        ASSERT_GT(*sequence, sequence_);
        sequence_ = *sequence;
    }
    void bulk() {
        Result<std::unique_ptr<BulkLoad>> load = engine_->begin_bulk();
        ASSERT_TRUE(load.has_value()) << load.error().message();
        const bool is_dropped = mutator_.next(4) == 0;
        Model changed = model_;
        BulkOnce once(**load);
        std::set<uint64_t> used;
        for (uint64_t i = mutator_.next(20); i > 0; --i) {
            const Sample made = mutator_.sample();
            if (!used.insert(made.number).second) continue;
            if (mutator_.next(4) == 0) {
                changed.blocks.erase(made.number);
                ASSERT_TRUE(once.delete_block(id_of(made.number)).is_ok());
            } else {
                changed.put(made);
                ASSERT_TRUE(once.put_block(made.record()).is_ok());
            }
        }
        if (mutator_.next(2) == 0) batch(3);  // commits go on meanwhile and come first
        for (const auto& [number, sample] : model_.blocks) {
            if (!used.contains(number)) changed.blocks[number] = sample;
        }
        std::erase_if(changed.blocks, [&](const auto& entry) {
            return !used.contains(entry.first) && !model_.blocks.contains(entry.first);
        });
        changed.edges = model_.edges;
        for (uint64_t i = mutator_.next(20); i > 0; --i) {
            const uint64_t source = mutator_.next(kModelNumbers);
            const uint64_t target = mutator_.next(kModelNumbers);
            const format::EdgeRecord made = mutator_.edge(source, target);
            if (mutator_.next(4) == 0) {
                changed.erase_edge(source, target, made);
                ASSERT_TRUE((*load)->delete_edge(format::key_of(made)).is_ok());
            } else {
                changed.put_edge(source, target, made);
                ASSERT_TRUE((*load)->add_edge(made).is_ok());
            }
        }
        if (is_dropped) return;
        const Result<uint64_t> sequence = (*load)->commit();
        ASSERT_TRUE(sequence.has_value()) << sequence.error().message();
        ASSERT_GE(*sequence, sequence_);
        sequence_ = *sequence;
        model_ = std::move(changed);
    }
    void hold() {
        held_.emplace_back(engine_->snapshot(), model_);
        if (held_.size() > 5) {
            expect_equal(*held_.front().first, held_.front().second);
            held_.pop_front();
        }
    }
    void check_held() {
        for (const auto& [snapshot, model] : held_) {
            ASSERT_NO_FATAL_FAILURE(expect_equal(*snapshot, model));
        }
    }
    void verify() {
        const Result<VerifyReport> report = engine_->verify();
        ASSERT_TRUE(report.has_value()) << report.error().message();
        for (const VerifyFinding& finding : report->findings) {
            ADD_FAILURE() << finding.file << ": " << finding.offset << ": " << finding.message;
        }
        ASSERT_TRUE(report->findings.empty());
    }
    void advance() {
        switch (mutator_.next(40)) {
            case 0:
                ASSERT_TRUE(engine_->flush().is_ok());
                break;
            case 1:
                ASSERT_TRUE(engine_->compact().is_ok());
                break;
            case 2:
                reopen();
                break;
            case 3:
                crash();
                break;
            case 4:
            case 5:
                bulk();
                break;
            case 6:
            case 7:
            case 8:
                hold();
                break;
            case 9:
                batch(800);  // larger than half a memtable: takes the bulk path
                break;
            case 10:
                ASSERT_NO_FATAL_FAILURE(expect_equal(*engine_->snapshot(), model_));
                break;
            case 11:
                if (mutator_.next(3) == 0) verify();
                break;
            default:
                batch(1 + mutator_.next(20));
                break;
        }
    }

    Mutator mutator_;
    ScratchDirectory directory_;
    World world_;
    StorageOptions options_;
    Model model_;
    uint64_t sequence_ = 0;
    std::deque<std::pair<SnapshotRef, Model>> held_;
    std::unique_ptr<StorageEngine> engine_;
};

class StorageOracle : public ::testing::TestWithParam<uint64_t> {};

TEST_P(StorageOracle, EveryReadAgreesWithTheModel) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    OracleRun run(GetParam());
    run.run(300);
    EXPECT_GT(run.flushes, 10u);
    EXPECT_GT(run.merges, 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, StorageOracle, ::testing::Range<uint64_t>(1, 13));

}  // namespace
}  // namespace kausal::storage
