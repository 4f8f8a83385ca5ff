// Interning of the texts of one file. The stored form is in facts_codec.cpp.
#include "ingest/facts.h"

#include "base/hash.h"

#include <algorithm>
#include <cstring>

namespace kausal::ingest {
namespace {

constexpr size_t kStorageChunkBytes = 16384;

}  // namespace

void FileFacts::grow_slots() {
    size_t size = std::max<size_t>(slots_.size() * 2, 256);
    while (size <= names_.size() * 2) size *= 2;
    const bool is_first = slots_.empty();
    std::vector<Slot> old = std::move(slots_);
    slots_.assign(size, Slot{});
    const size_t mask = size - 1;
    const auto put = [&](const Slot& slot) {
        size_t at = slot.hash & mask;
        while (slots_[at].name != 0) at = (at + 1) & mask;
        slots_[at] = slot;
    };
    for (const Slot& slot : old) {
        if (slot.name != 0) put(slot);
    }
    for (NameIndex name = 1; is_first && name < names_.size(); ++name)
        put({static_cast<uint32_t>(hash64(names_[name])), name});
}

bool FileFacts::adopt_names(Decoder& in, uint32_t count) {
    // What is left of the input is an upper bound of what the names take.
    storage_.push_back(std::make_unique_for_overwrite<char[]>(in.remaining()));
    char* place = storage_.back().get();
    names_.reserve(size_t{count} + 1);
    for (uint32_t i = 0; i < count; ++i) {
        const std::string_view text = in.string();
        if (text.empty()) return false;
        std::memcpy(place, text.data(), text.size());
        names_.emplace_back(place, text.size());
        place += text.size();
    }
    return true;
}

NameIndex FileFacts::intern(std::string_view text) {
    if (text.empty()) return 0;
    if (names_.size() * 2 >= slots_.size()) grow_slots();
    const auto hash = static_cast<uint32_t>(hash64(text));
    const size_t mask = slots_.size() - 1;
    size_t at = hash & mask;
    for (; slots_[at].name != 0; at = (at + 1) & mask) {
        if (slots_[at].hash == hash && names_[slots_[at].name] == text) return slots_[at].name;
    }
    char* place = nullptr;
    if (text.size() > kStorageChunkBytes / 4) {
        storage_.push_back(std::make_unique_for_overwrite<char[]>(text.size()));
        place = storage_.back().get();
    } else {
        if (text.size() > storage_left_) {
            storage_.push_back(std::make_unique_for_overwrite<char[]>(kStorageChunkBytes));
            storage_at_ = storage_.back().get();
            storage_left_ = kStorageChunkBytes;
        }
        place = storage_at_;
        storage_at_ += text.size();
        storage_left_ -= text.size();
    }
    std::memcpy(place, text.data(), text.size());
    const auto index = static_cast<NameIndex>(names_.size());
    names_.emplace_back(place, text.size());
    slots_[at] = {hash, index};
    return index;
}

}  // namespace kausal::ingest
