// Opening and letting go of segments; see segment_file.h.
#include "storage/segment_file.h"

#include <utility>

namespace kausal::storage {

Result<SegmentFileRef> SegmentFile::open(const std::shared_ptr<StorageCore>& core,
                                         const format::DatabaseUuid& uuid,
                                         const manifest::SegmentMeta& meta) {
    std::shared_ptr<const segment::SegmentReader> reader =
        KAUSAL_TRY(segment::SegmentReader::open(*core->directory, meta.file_id, uuid, core->cache));
    return std::make_shared<const SegmentFile>(core, meta, std::move(reader));
}

SegmentFile::SegmentFile(std::shared_ptr<StorageCore> core, const manifest::SegmentMeta& meta,
                         std::shared_ptr<const segment::SegmentReader> reader)
    : core_(std::move(core)), meta_(meta), reader_(std::move(reader)) {}

SegmentFile::~SegmentFile() {
    reader_.reset();
    if (!removed_.load(std::memory_order_relaxed)) return;
    core_->cache.erase_file(meta_.file_id);
    (void)core_->directory->unlink(segment::segment_file_name(meta_.file_id));
}

}  // namespace kausal::storage
