// LMDB: one tree for blocks, one per direction of the edges, read in place from the map.
#include "store.h"

#include <lmdb.h>

#include <algorithm>
#include <filesystem>

namespace kausal::bench {
namespace {

void must(int code) {
    if (code != 0) give_up(std::string("lmdb: ") + mdb_strerror(code));
}
MDB_val value_of(std::string_view text) {
    return {text.size(), const_cast<char*>(text.data())};
}
MDB_val value_of(const Key& key) {
    return {key.size(), const_cast<unsigned char*>(key.data())};
}

class LmdbStore final : public Store {
  public:
    LmdbStore(const std::string& folder, Sync sync) {
        std::filesystem::create_directories(folder);
        must(mdb_env_create(&environment_));
        must(mdb_env_set_mapsize(environment_, size_t{8} << 30));
        must(mdb_env_set_maxdbs(environment_, 4));
        must(mdb_env_open(environment_, folder.c_str(), sync == Sync::Full ? 0 : MDB_NOSYNC, 0644));
        write([&](MDB_txn* transaction) {
            must(mdb_dbi_open(transaction, "blocks", MDB_CREATE, &blocks_));
            must(mdb_dbi_open(transaction, "out", MDB_CREATE, &out_));
            must(mdb_dbi_open(transaction, "in", MDB_CREATE, &in_));
        });
    }
    ~LmdbStore() override { mdb_env_close(environment_); }

    void put(const Dataset& data, std::span<const uint32_t> indexes) override {
        write([&](MDB_txn* transaction) {
            for (const uint32_t index : indexes) {
                MDB_val key = value_of(data.keys[index]);
                MDB_val value = value_of(std::string_view(data.values[index]));
                must(mdb_put(transaction, blocks_, &key, &value, 0));
            }
        });
    }
    void put_edges(const Dataset& data, std::span<const Edge> edges) override {
        write([&](MDB_txn* transaction) {
            for (const Edge& edge : edges) {
                const std::string forth =
                    edge_key(data.keys[edge.source], data.keys[edge.target], edge.site);
                const std::string back =
                    edge_key(data.keys[edge.target], data.keys[edge.source], edge.site);
                MDB_val forth_key = value_of(std::string_view(forth));
                MDB_val back_key = value_of(std::string_view(back));
                MDB_val value = value_of(std::string_view("c"));
                must(mdb_put(transaction, out_, &forth_key, &value, 0));
                must(mdb_put(transaction, in_, &back_key, &value, 0));
            }
        });
    }
    void settle() override { must(mdb_env_sync(environment_, 1)); }
    size_t get(const Key& key) override {
        MDB_txn* transaction = begin_read();
        MDB_val wanted = value_of(key);
        MDB_val found;
        const int code = mdb_get(transaction, blocks_, &wanted, &found);
        size_t size = 0;
        if (code == 0)
            size = found.mv_size +
                   (static_cast<const char*>(found.mv_data)[found.mv_size - 1] == '\0');
        mdb_txn_reset(transaction);
        if (code != 0 && code != MDB_NOTFOUND) must(code);
        return size;
    }
    void neighbours(const Key& key, bool incoming, std::vector<Key>& into) override {
        MDB_txn* transaction = begin_read();
        MDB_cursor* cursor = nullptr;
        must(mdb_cursor_open(transaction, incoming ? in_ : out_, &cursor));
        MDB_val at = value_of(key);
        MDB_val ignored;
        int code = mdb_cursor_get(cursor, &at, &ignored, MDB_SET_RANGE);
        while (code == 0 &&
               std::equal(key.begin(), key.end(), static_cast<const unsigned char*>(at.mv_data))) {
            std::copy_n(static_cast<const unsigned char*>(at.mv_data) + 16, 16,
                        into.emplace_back().begin());
            code = mdb_cursor_get(cursor, &at, &ignored, MDB_NEXT);
        }
        mdb_cursor_close(cursor);
        mdb_txn_reset(transaction);
        if (code != 0 && code != MDB_NOTFOUND) must(code);
    }

  private:
    template <typename Body>
    void write(Body&& body) {
        MDB_txn* transaction = nullptr;
        must(mdb_txn_begin(environment_, nullptr, 0, &transaction));
        body(transaction);
        must(mdb_txn_commit(transaction));
    }
    /// A read transaction that is renewed rather than made anew, as LMDB advises.
    MDB_txn* begin_read() {
        if (reader_ == nullptr) {
            must(mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &reader_));
        } else {
            must(mdb_txn_renew(reader_));
        }
        return reader_;
    }
    MDB_env* environment_ = nullptr;
    MDB_txn* reader_ = nullptr;
    MDB_dbi blocks_ = 0;
    MDB_dbi out_ = 0;
    MDB_dbi in_ = 0;
};

}  // namespace

std::unique_ptr<Store> make_lmdb(const std::string& folder, Sync sync) {
    return std::make_unique<LmdbStore>(folder, sync);
}

}  // namespace kausal::bench
