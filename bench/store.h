// The same data and the same work for every store that is compared: blocks by id, edges by their
// ends.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::bench {

using Key = std::array<unsigned char, 16>;

struct Edge {
    uint32_t source = 0;  // index into the keys
    uint32_t target = 0;
    uint32_t site = 0;
};

/// Made from fixed seeds, so that every run and every store sees the same bytes.
struct Dataset {
    std::vector<Key> keys;            // uniformly distributed
    std::vector<std::string> values;  // text like source code, about `value_size` bytes
    std::vector<Edge> edges;          // power-law by target
    [[nodiscard]] static Dataset make(uint32_t blocks, uint32_t edges, uint32_t value_size);
};

enum class Sync : uint8_t { None, Full };

/// One engine under test, on files in a folder of its own. Failures end the benchmark with a
/// message.
class Store {
  public:
    virtual ~Store() = default;
    /// Writes the blocks of `indexes` as one commit.
    virtual void put(const Dataset& data, std::span<const uint32_t> indexes) = 0;
    /// Writes edges as one commit; their blocks are there.
    virtual void put_edges(const Dataset& data, std::span<const Edge> edges) = 0;
    /// Brings what was written into the shape that reads like best (flush, checkpoint).
    virtual void settle() = 0;
    /// Size of the value, 0 when absent; the bytes are touched.
    virtual size_t get(const Key& key) = 0;
    /// Appends the keys at the other ends of the edges that leave (or reach) `key`.
    virtual void neighbours(const Key& key, bool incoming, std::vector<Key>& into) = 0;
};

using Factory = std::unique_ptr<Store> (*)(const std::string& folder, Sync sync);
[[nodiscard]] std::unique_ptr<Store> make_kausal(const std::string& folder, Sync sync);
[[nodiscard]] std::unique_ptr<Store> make_rocksdb(const std::string& folder, Sync sync);
[[nodiscard]] std::unique_ptr<Store> make_lmdb(const std::string& folder, Sync sync);
[[nodiscard]] std::unique_ptr<Store> make_sqlite(const std::string& folder, Sync sync);

[[noreturn]] void give_up(const std::string& what);

/// Keys of an edge in stores that sort bytes: from (16), to (16), site (4), big-endian.
[[nodiscard]] std::string edge_key(const Key& from, const Key& to, uint32_t site);

}  // namespace kausal::bench
