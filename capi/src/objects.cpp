// Use and closing of a database under concurrent calls.
#include "objects.h"

#include <mutex>

namespace kausal::capi {

Status DatabaseObject::check() const {
    if (::getpid() != process_) {
        return {ErrorCode::Forked, "the database was opened by the parent of this process"};
    }
    if (closed_.load(std::memory_order_acquire)) {
        return {ErrorCode::Closed, "the database is closed"};
    }
    return {};
}

Result<DatabaseObject::Use> DatabaseObject::use() {
    KAUSAL_TRY(check());
    std::shared_lock<std::shared_mutex> lock(in_use_);
    KAUSAL_TRY(check());
    return Use(std::move(lock), *database_);
}

Status DatabaseObject::close() {
    if (::getpid() != process_) return check();
    const std::unique_lock<std::shared_mutex> lock(in_use_);
    if (closed_.exchange(true)) return {};
    return database_->close();
}

DatabaseObject::~DatabaseObject() {
    // In a forked child the threads of the database do not exist; its memory is left alone.
    if (::getpid() != process_)
        static_cast<void>(
            database_.release());  // NOLINT(bugprone-unused-return-value): left to the child
}

}  // namespace kausal::capi
