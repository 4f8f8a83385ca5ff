// SQLite: WAL journal, tables without row ids clustered by their keys, prepared statements.
#include "store.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>

namespace kausal::bench {
namespace {

class SqliteStore final : public Store {
  public:
    SqliteStore(const std::string& folder, Sync sync) {
        std::filesystem::create_directories(folder);
        must(sqlite3_open((folder + "/bench.sqlite").c_str(), &db_));
        run("PRAGMA journal_mode=WAL");
        run(sync == Sync::Full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF");
        run("PRAGMA cache_size=-262144");
        run("PRAGMA mmap_size=8589934592");
        run("CREATE TABLE blocks(id BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID");
        run("CREATE TABLE edges_out(a BLOB, b BLOB, site INTEGER, PRIMARY KEY(a, b, site)) WITHOUT "
            "ROWID");
        run("CREATE TABLE edges_in(a BLOB, b BLOB, site INTEGER, PRIMARY KEY(a, b, site)) WITHOUT "
            "ROWID");
        put_ = prepare("INSERT OR REPLACE INTO blocks VALUES(?, ?)");
        get_ = prepare("SELECT value FROM blocks WHERE id = ?");
        put_out_ = prepare("INSERT OR REPLACE INTO edges_out VALUES(?, ?, ?)");
        put_in_ = prepare("INSERT OR REPLACE INTO edges_in VALUES(?, ?, ?)");
        out_ = prepare("SELECT b FROM edges_out WHERE a = ?");
        in_ = prepare("SELECT b FROM edges_in WHERE a = ?");
    }
    ~SqliteStore() override {
        for (sqlite3_stmt* statement : {put_, get_, put_out_, put_in_, out_, in_})
            sqlite3_finalize(statement);
        sqlite3_close(db_);
    }

    void put(const Dataset& data, std::span<const uint32_t> indexes) override {
        run("BEGIN");
        for (const uint32_t index : indexes) {
            bind(put_, 1, data.keys[index]);
            const std::string& value = data.values[index];
            must(sqlite3_bind_blob(put_, 2, value.data(), static_cast<int>(value.size()),
                                   SQLITE_STATIC));
            step(put_);
        }
        run("COMMIT");
    }
    void put_edges(const Dataset& data, std::span<const Edge> edges) override {
        run("BEGIN");
        for (const Edge& edge : edges) {
            insert(put_out_, data.keys[edge.source], data.keys[edge.target], edge.site);
            insert(put_in_, data.keys[edge.target], data.keys[edge.source], edge.site);
        }
        run("COMMIT");
    }
    void settle() override { run("PRAGMA wal_checkpoint(TRUNCATE)"); }
    size_t get(const Key& key) override {
        bind(get_, 1, key);
        size_t size = 0;
        if (sqlite3_step(get_) == SQLITE_ROW) {
            size = static_cast<size_t>(sqlite3_column_bytes(get_, 0));
            size += static_cast<const char*>(sqlite3_column_blob(get_, 0))[size - 1] == '\0';
        }
        must(sqlite3_reset(get_));
        return size;
    }
    void neighbours(const Key& key, bool incoming, std::vector<Key>& into) override {
        sqlite3_stmt* statement = incoming ? in_ : out_;
        bind(statement, 1, key);
        while (sqlite3_step(statement) == SQLITE_ROW) {
            std::copy_n(static_cast<const unsigned char*>(sqlite3_column_blob(statement, 0)), 16,
                        into.emplace_back().begin());
        }
        must(sqlite3_reset(statement));
    }

  private:
    void must(int code) {
        if (code != SQLITE_OK) give_up(std::string("sqlite: ") + sqlite3_errmsg(db_));
    }
    void run(const char* sql) { must(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        must(sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr));
        return statement;
    }
    void bind(sqlite3_stmt* statement, int at, const Key& key) {
        must(sqlite3_bind_blob(statement, at, key.data(), static_cast<int>(key.size()),
                               SQLITE_STATIC));
    }
    void step(sqlite3_stmt* statement) {
        if (sqlite3_step(statement) != SQLITE_DONE) must(sqlite3_errcode(db_));
        must(sqlite3_reset(statement));
    }
    void insert(sqlite3_stmt* statement, const Key& from, const Key& to, uint32_t site) {
        bind(statement, 1, from);
        bind(statement, 2, to);
        must(sqlite3_bind_int64(statement, 3, site));
        step(statement);
    }
    sqlite3* db_ = nullptr;
    sqlite3_stmt *put_ = nullptr, *get_ = nullptr, *put_out_ = nullptr, *put_in_ = nullptr,
                 *out_ = nullptr, *in_ = nullptr;
};

}  // namespace

std::unique_ptr<Store> make_sqlite(const std::string& folder, Sync sync) {
    return std::make_unique<SqliteStore>(folder, sync);
}

}  // namespace kausal::bench
