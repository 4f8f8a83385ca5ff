// The data of the store benchmarks.
#include "store.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace kausal::bench {

void give_up(const std::string& what) {
    (void)std::fprintf(stderr, "benchmark: %s\n", what.c_str());
    std::exit(1);
}

std::string edge_key(const Key& from, const Key& to, uint32_t site) {
    std::string key(reinterpret_cast<const char*>(from.data()), from.size());
    key.append(reinterpret_cast<const char*>(to.data()), to.size());
    for (int shift = 24; shift >= 0; shift -= 8) key += static_cast<char>(site >> shift);
    return key;
}

namespace {

std::string source_text(std::mt19937_64& random, uint32_t size) {
    static constexpr std::array kWords = {"return", "value",  "const",  "if",    "index",  "result",
                                          "buffer", "size_t", "offset", "while", "status", "write",
                                          "read",   "block",  "error",  "next"};
    std::string text;
    while (text.size() < size) {
        text += kWords[random() % kWords.size()];
        text += random() % 5 == 0 ? std::to_string(random() % 100000) : "";
        text += random() % 8 == 0 ? ";\n    " : " ";
    }
    text.resize(size);
    return text;
}

}  // namespace

Dataset Dataset::make(uint32_t blocks, uint32_t edges, uint32_t value_size) {
    Dataset data;
    std::mt19937_64 random(20261120);
    data.keys.resize(blocks);
    for (Key& key : data.keys) {
        for (size_t i = 0; i < key.size(); i += 8) {
            const uint64_t word = random();
            for (size_t byte = 0; byte < 8; ++byte)
                key[i + byte] = static_cast<unsigned char>(word >> (8 * byte));
        }
    }
    for (uint32_t i = 0; i < blocks; ++i) data.values.push_back(source_text(random, value_size));
    for (uint32_t i = 0; i < edges; ++i) {
        const double uniform = static_cast<double>(random() >> 11) / 9007199254740992.0;
        const auto target = static_cast<uint32_t>(std::pow(uniform, 3.0) * blocks);
        data.edges.push_back({static_cast<uint32_t>(random() % blocks), target, i});
    }
    return data;
}

}  // namespace kausal::bench
