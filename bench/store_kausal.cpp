// KausalDB through its C++ SDK, as any program would use it.
#include "store.h"

#include <kausal/kausal.hpp>

#include <cstring>

namespace kausal::bench {
namespace {

template <typename T>
T must(Result<T> result) {
    if (!result) give_up(result.error().message());
    return std::move(result).value();
}
void must(Result<void> result) {
    if (!result) give_up(result.error().message());
}

Id id_of(const Key& key) {
    Id id;
    std::memcpy(id.raw.bytes, key.data(), key.size());
    return id;
}

class KausalStore final : public Store {
  public:
    KausalStore(const std::string& folder, Sync sync)
        : database_(must(
              Database::open(folder, OpenOptions().create_if_missing().set(
                                         "durability", sync == Sync::Full ? "full" : "none")))) {}

    void put(const Dataset& data, std::span<const uint32_t> indexes) override {
        Batch batch = must(database_.batch());
        for (const uint32_t index : indexes) {
            BlockFields block;
            block.id = id_of(data.keys[index]);
            block.content = data.values[index];
            must(batch.put(block));
        }
        (void)must(batch.commit());
    }
    void put_edges(const Dataset& data, std::span<const Edge> edges) override {
        Batch batch = must(database_.batch());
        for (const Edge& edge : edges) {
            EdgeFields fields;
            fields.source = id_of(data.keys[edge.source]);
            fields.target = id_of(data.keys[edge.target]);
            fields.type = KAUSAL_EDGE_CALLS;
            fields.site_offset = edge.site;
            must(batch.put(fields));
        }
        (void)must(batch.commit());
    }
    void settle() override {
        must(database_.flush());
        must(database_.compact());
    }
    size_t get(const Key& key) override {
        const auto block = must(database_.get_block(id_of(key)));
        if (!block) return 0;
        return block->content().size() +
               static_cast<unsigned char>(block->content().back() == '\0');
    }
    void neighbours(const Key& key, bool incoming, std::vector<Key>& into) override {
        QueryOptions options;
        options.direction(incoming ? KAUSAL_DIRECTION_IN : KAUSAL_DIRECTION_OUT);
        Rows rows = must(database_.edges(id_of(key), options));
        for (;;) {
            const auto chunk = must(rows.next_chunk(2048));
            if (!chunk) return;
            for (uint32_t row = 0; row < chunk->row_count(); ++row) {
                const Id other = chunk->id(incoming ? 0 : 1, row);
                Key& added = into.emplace_back();
                std::memcpy(added.data(), other.raw.bytes, added.size());
            }
        }
    }

  private:
    Database database_;
};

}  // namespace

std::unique_ptr<Store> make_kausal(const std::string& folder, Sync sync) {
    return std::make_unique<KausalStore>(folder, sync);
}

}  // namespace kausal::bench
