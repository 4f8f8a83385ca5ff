// What the tests of the log share: an in-memory directory, groups to write, and what was read back.
#pragma once

#include "io/fault_vfs.h"
#include "io/memory_vfs.h"
#include "wal/log_writer.h"
#include "wal/recovery.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kausal::test {

inline constexpr wal::LogIdentity kIdentity{{0x1122334455667788, 0x99aabbccddeeff00}, 7};
inline constexpr std::string_view kPath = "/db";

/// Sequence number to payload.
using Records = std::map<uint64_t, std::string>;

struct Recovered {
    Status status;
    wal::RecoveryReport report;
    Records records;
};

inline std::unique_ptr<io::Directory> open_directory(io::Vfs& vfs) {
    (void)vfs.make_directories(kPath);
    auto directory = vfs.open_directory(kPath);
    return directory ? std::move(*directory) : nullptr;
}

inline Recovered recover(io::Vfs& vfs, uint64_t first_segment_id = 0,
                         const wal::RecoveryOptions& options = {}) {
    Recovered result;
    auto directory = vfs.open_directory(kPath);
    if (!directory) {
        result.status = directory.error();
        return result;
    }
    auto report = wal::recover_log(**directory, kIdentity, first_segment_id, options,
                                   [&](uint64_t seq, uint8_t type, std::string_view payload) {
                                       EXPECT_EQ(type, 1);
                                       EXPECT_TRUE(result.records.emplace(seq, payload).second);
                                       return Status();
                                   });
    if (report) {
        result.report = std::move(*report);
    } else {
        result.status = report.error();
    }
    return result;
}

inline Recovered recover(io::Vfs& vfs, wal::RecoveryMode mode) {
    return recover(vfs, 0, {.mode = mode});
}

/// A payload that differs from record to record and has an uneven size.
inline std::string payload_of(uint64_t seq, size_t size) {
    std::string payload(size, '\0');
    for (size_t i = 0; i < size; ++i) payload[i] = static_cast<char>('a' + (seq * 7 + i) % 26);
    return payload;
}

/// Appends one group of `count` records after the writer's last number.
inline Result<wal::LogPosition> append(wal::LogWriter& writer, size_t count, size_t payload_size,
                                       bool sync, Records* into = nullptr) {
    std::vector<std::string> payloads;
    std::vector<wal::LogRecord> records;
    const uint64_t first = writer.last_seq() + 1;
    for (size_t i = 0; i < count; ++i) {
        payloads.push_back(payload_of(first + i, payload_size));
    }
    for (size_t i = 0; i < count; ++i) {
        records.push_back({.seq = first + i, .payload = payloads[i]});
    }
    auto position = writer.append_group(records, sync);
    if (position && into != nullptr) {
        for (size_t i = 0; i < count; ++i) into->emplace(first + i, payloads[i]);
    }
    return position;
}

inline std::unique_ptr<wal::LogWriter> make_writer(io::Directory& directory,
                                                   const wal::LogStart& start = {},
                                                   uint64_t segment_size = uint64_t{1} << 20) {
    auto writer =
        wal::LogWriter::create(directory, kIdentity, {.segment_size_bytes = segment_size}, start);
    EXPECT_TRUE(writer.has_value()) << (writer ? "" : writer.error().message());
    return writer ? std::move(*writer) : nullptr;
}

inline std::string log_path(uint64_t segment_id) {
    return std::string(kPath) + "/" + wal::segment_name(segment_id);
}

}  // namespace kausal::test
