// Makes page-aligned blocks for the pool of I/O buffers.
#include "memory/io_buffer_pool.h"

#include "memory/poison.h"

#include <new>
#include <utility>

namespace kausal::memory {
namespace {

class PageMaker final : public ObjectMaker<PageBlock> {
  public:
    PageMaker(const IoBufferPoolConfig& config, BackingAllocator& backing) noexcept
        : page_bytes_(config.page_bytes), buffer_bytes_(config.buffer_bytes), backing_(backing) {}
    bool make(PageBlock& block) noexcept override {
        void* data = backing_.allocate(buffer_bytes_, page_bytes_);
        if (data == nullptr) return false;
        block = PageBlock(backing_, {static_cast<std::byte*>(data), buffer_bytes_}, page_bytes_);
        return true;
    }
    bool make_ready(PageBlock& /*block*/) noexcept override { return true; }
    void on_idle(PageBlock& block) noexcept override {
        poison(block.bytes().data(), block.bytes().size());
    }
    void on_reuse(PageBlock& block) noexcept override {
        unpoison(block.bytes().data(), block.bytes().size());
    }
    [[nodiscard]] size_t bytes_held(const PageBlock& block) const noexcept override {
        return block.bytes().size();
    }

  private:
    const size_t page_bytes_;
    const size_t buffer_bytes_;
    BackingAllocator& backing_;
};

}  // namespace

PageBlock::~PageBlock() {
    if (backing_ == nullptr) return;
    unpoison(bytes_.data(), bytes_.size());
    backing_->release(bytes_.data(), bytes_.size(), alignment_);
}

PageBlock::PageBlock(PageBlock&& other) noexcept
    : backing_(std::exchange(other.backing_, nullptr)),
      bytes_(std::exchange(other.bytes_, {})),
      alignment_(other.alignment_) {}

PageBlock& PageBlock::operator=(PageBlock&& other) noexcept {
    PageBlock taken(std::move(other));  // what this held before goes with it
    std::swap(backing_, taken.backing_);
    std::swap(bytes_, taken.bytes_);
    std::swap(alignment_, taken.alignment_);
    return *this;
}

Result<std::unique_ptr<IoBufferPool>> make_io_buffer_pool(const IoBufferPoolConfig& config,
                                                          PoolMemory memory) {
    KAUSAL_TRY(check(config));
    std::unique_ptr<ObjectMaker<PageBlock>> maker(new (std::nothrow)
                                                      PageMaker(config, *memory.backing));
    return IoBufferPool::create({.name = config.name,
                                 .live_count_max = config.live_count_max,
                                 .idle_count_max = config.idle_count_max,
                                 .idle_object_bytes_max = config.buffer_bytes,
                                 .object_bytes = config.buffer_bytes},
                                std::move(maker), memory.budget);
}

}  // namespace kausal::memory
