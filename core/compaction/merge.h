// Merges neighbouring segments into one new segment, in steps of bounded work.
//
// The newest entry of an id wins and takes the index entries of the older ones with it; the newest
// entry of an edge key wins. Tombstones are kept unless the run reaches down to the oldest segment.
// Damage in an input ends the merge with Corrupt: inputs are never changed, and the caller must not
// drop them.
#pragma once

#include "base/status.h"
#include "io/executor.h"
#include "io/vfs.h"
#include "segment/segment_reader.h"
#include "segment/segment_writer.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace kausal::compaction {

struct MergeRequest {
    /// Neighbours in age, oldest first. Owners: the merge and the versions that list them.
    std::vector<std::shared_ptr<const segment::SegmentReader>> inputs;
    bool includes_oldest = false;  // nothing older than inputs[0] is live
    io::Directory* directory = nullptr;
    uint64_t output_file_id = 0;
    format::DatabaseUuid uuid;
    segment::SegmentWriterOptions writer;  // `drop_tombstones` is set by the merge
};

/// Threads: confined (one step at a time, any thread).
class Merge {
  public:
    explicit Merge(MergeRequest request);
    ~Merge();
    Merge(const Merge&) = delete;
    Merge& operator=(const Merge&) = delete;

    /// Does some work; true when the output is written and synced. After an error the merge is over
    /// and the output file, if any, is the caller's to remove. Errors: Corrupt (an input), NoSpace,
    /// Unavailable, Invalid (no inputs).
    [[nodiscard]] Result<bool> step();
    /// What was written; set when `step` returned true. May hold nothing at all (id_count 0).
    [[nodiscard]] const segment::SegmentInfo& info() const noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// A merge as background work. `done` is called exactly once, from the last step, or from the
/// destructor with Cancelled when the executor drops the job (with NoMemory when a step threw).
class CompactionJob final : public io::Job {
  public:
    using Done = std::function<void(Result<segment::SegmentInfo>)>;
    CompactionJob(MergeRequest request, Done done);
    ~CompactionJob() override;
    [[nodiscard]] io::StepResult step() override;

  private:
    Merge merge_;
    Done done_;  // empty after it was called
    bool is_stepping_ = false;
};

}  // namespace kausal::compaction
