// Goal: a killed process loses nothing it committed, whatever ran in the background, in every
// durability mode. Method: a child process works from a seed and ends without a word after a number
// of commits; the parent replays the seed on the model and compares.
#include "storage/model.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

namespace kausal::storage {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

StorageOptions options_of(uint64_t round) {
    StorageOptions options = small_options();
    options.memtable_size_bytes = size_t{6} << 10;
    options.durability = static_cast<Durability>(round % 3);
    options.sync_interval_ms = 2;
    return options;
}

/// The commits of one round, applied to the model and, when there is one, to the engine.
void work(uint64_t seed, uint64_t commits, Model& model, StorageEngine* engine) {
    Mutator mutator(seed);
    for (uint64_t i = 0; i < commits; ++i) {
        format::WriteBatch batch;
        mutator.mutate(model, batch, 1 + mutator.next(i % 50 == 49 ? 400 : 12));
        if (engine != nullptr && !engine->commit(batch)) ::_exit(3);
    }
}

TEST(Kill, NothingCommittedIsLost) {
    const ScratchDirectory directory;
    Model model;
    for (uint64_t round = 0; round < 12; ++round) {
        const uint64_t commits = 20 + (round * 37) % 150;
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            const World world;
            auto engine =
                StorageEngine::open(world.environment(), directory.path(), options_of(round));
            if (!engine) ::_exit(2);
            Model unused;
            work(round, commits, unused, engine->get());
            ::_exit(0);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFEXITED(status));
        ASSERT_EQ(WEXITSTATUS(status), 0) << "round " << round;
        work(round, commits, model, nullptr);

        const World world;
        auto engine = must_open(world.environment(), directory.path(), options_of(round));
        ASSERT_NO_FATAL_FAILURE(expect_equal(*engine->snapshot(), model)) << "round " << round;
        const auto report = engine->verify();
        ASSERT_TRUE(report.has_value());
        for (const VerifyFinding& finding : report->findings) {
            ADD_FAILURE() << finding.file << ": " << finding.message;
        }
    }
}

}  // namespace
}  // namespace kausal::storage
