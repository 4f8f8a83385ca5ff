// Blocks and edges for the tests of the memtable, named by small numbers.
#pragma once

#include "format/write_batch.h"

#include <string>
#include <string_view>

namespace kausal::memtable::testing {

inline BlockId id_of(uint64_t number) {
    return {hash_mix(number, 1), hash_mix(number, 2) | 1};
}

struct Sample {
    uint64_t number = 0;
    std::string name;
    std::string uri;
    std::string content;
};

inline format::BlockRecord record_of(const Sample& sample) {
    format::BlockRecord record;
    record.id = id_of(sample.number);
    record.kind = format::BlockKind::Function;
    record.name = sample.name;
    record.qualified_name = sample.name;
    record.uri = sample.uri;
    record.content = sample.content;
    return record;
}

inline format::EdgeRecord edge_of(uint64_t source, uint64_t target, uint32_t site = 0,
                                  uint32_t line = 1) {
    format::EdgeRecord edge;
    edge.source = id_of(source);
    edge.target = id_of(target);
    edge.type = format::EdgeType::Calls;
    edge.site_offset = site;
    edge.site_line = line;
    return edge;
}

}  // namespace kausal::memtable::testing
