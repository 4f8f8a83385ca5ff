// Things of one file found by name: a counting sort over the file's interned names.
#pragma once

#include "ingest/facts.h"

#include <cstdint>
#include <span>
#include <vector>

namespace kausal::ingest {

/// Threads: confined while built, then immutable.
class NameBuckets {
  public:
    /// `name_of(i)` is the name of thing `i`; 0 leaves it out. Order within a name is that of `i`.
    template <typename NameOf>
    void build(size_t name_count, size_t count, NameOf name_of) {
        starts_.assign(name_count + 1, 0);
        for (uint32_t i = 0; i < count; ++i) {
            if (const NameIndex name = name_of(i); name != 0) ++starts_[name];
        }
        uint32_t total = 0;
        for (uint32_t& start : starts_) {
            const uint32_t here = start;
            start = total;
            total += here;
        }
        items_.resize(total);
        std::vector<uint32_t> at(starts_);
        for (uint32_t i = 0; i < count; ++i) {
            if (const NameIndex name = name_of(i); name != 0) items_[at[name]++] = i;
        }
    }
    [[nodiscard]] std::span<const uint32_t> of(NameIndex name) const {
        if (name + 1 >= starts_.size()) return {};
        return std::span(items_).subspan(starts_[name], starts_[name + 1] - starts_[name]);
    }

  private:
    std::vector<uint32_t> starts_;
    std::vector<uint32_t> items_;
};

}  // namespace kausal::ingest
