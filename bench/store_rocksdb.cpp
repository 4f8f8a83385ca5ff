// RocksDB: blocks in the default column family, edges in one family per direction, Bloom filters of
// 10 bits.
#include "store.h"

#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

namespace kausal::bench {
namespace {

void must(const rocksdb::Status& status) {
    if (!status.ok()) give_up("rocksdb: " + status.ToString());
}
rocksdb::Slice slice(const Key& key) {
    return {reinterpret_cast<const char*>(key.data()), key.size()};
}

class RocksStore final : public Store {
  public:
    RocksStore(const std::string& folder, Sync sync) {
        rocksdb::Options options;
        options.create_if_missing = true;
        options.create_missing_column_families = true;
        options.compression = rocksdb::kZSTD;
        rocksdb::BlockBasedTableOptions table;
        table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
        table.block_cache = rocksdb::NewLRUCache(256 << 20);
        options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
        const rocksdb::ColumnFamilyOptions family(options);
        std::vector<rocksdb::ColumnFamilyHandle*> handles;
        rocksdb::DB* db = nullptr;
        must(rocksdb::DB::Open(
            options, folder,
            {{rocksdb::kDefaultColumnFamilyName, family}, {"out", family}, {"in", family}},
            &handles, &db));
        db_.reset(db);
        families_ = handles;
        write_.sync = sync == Sync::Full;
    }
    ~RocksStore() override {
        for (auto* family : families_) (void)db_->DestroyColumnFamilyHandle(family);
    }

    void put(const Dataset& data, std::span<const uint32_t> indexes) override {
        rocksdb::WriteBatch batch;
        for (const uint32_t index : indexes)
            must(batch.Put(slice(data.keys[index]), data.values[index]));
        must(db_->Write(write_, &batch));
    }
    void put_edges(const Dataset& data, std::span<const Edge> edges) override {
        rocksdb::WriteBatch batch;
        for (const Edge& edge : edges) {
            const Key& source = data.keys[edge.source];
            const Key& target = data.keys[edge.target];
            must(batch.Put(families_[1], edge_key(source, target, edge.site), "c"));
            must(batch.Put(families_[2], edge_key(target, source, edge.site), "c"));
        }
        must(db_->Write(write_, &batch));
    }
    void settle() override {
        for (auto* family : families_) {
            must(db_->Flush({}, family));
            must(db_->CompactRange({}, family, nullptr, nullptr));
        }
    }
    size_t get(const Key& key) override {
        std::string value;
        const rocksdb::Status status = db_->Get({}, slice(key), &value);
        if (status.IsNotFound()) return 0;
        must(status);
        return value.size() + static_cast<unsigned char>(value.back() == '\0');
    }
    void neighbours(const Key& key, bool incoming, std::vector<Key>& into) override {
        const std::unique_ptr<rocksdb::Iterator> cursor(
            db_->NewIterator({}, families_[incoming ? 2 : 1]));
        for (cursor->Seek(slice(key)); cursor->Valid() && cursor->key().starts_with(slice(key));
             cursor->Next()) {
            Key& added = into.emplace_back();
            std::copy_n(cursor->key().data() + 16, 16, reinterpret_cast<char*>(added.data()));
        }
        must(cursor->status());
    }

  private:
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> families_;
    rocksdb::WriteOptions write_;
};

}  // namespace

std::unique_ptr<Store> make_rocksdb(const std::string& folder, Sync sync) {
    return std::make_unique<RocksStore>(folder, sync);
}

}  // namespace kausal::bench
