// Search in a sorted array of hashes that lies in a file. Private to the room.
//
// Hashes are uniform, so a key's place is guessed from its value; each guess brackets the place
// within a few times the square root of the range. Where keys are not uniform the guesses are given
// up after three rounds and the binary search goes on.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace kausal::segment {

/// Finds the first index in [0, count) whose key is not below `key`, or `count`. `load(index)`
/// gives a pointer to the key or null when it cannot be read; then the result is false.
template <typename Load>
[[nodiscard]] bool lower_bound_uniform(uint64_t count, uint64_t key, Load&& load, uint64_t& index) {
    uint64_t low = 0;
    uint64_t high = count;
    double low_key = 0;
    double high_key = 18446744073709551616.0;
    for (int round = 0; round < 3 && high - low > 16; ++round) {
        const auto width = static_cast<double>(high - low);
        const double share = (static_cast<double>(key) - low_key) / (high_key - low_key);
        const auto reach = static_cast<uint64_t>(std::sqrt(width) * 2) + 2;
        uint64_t guess = low;
        if (share > 0) guess += static_cast<uint64_t>(share * width);
        if (guess >= high) guess = high - 1;
        const uint64_t left = guess - low > reach ? guess - reach : low;
        const uint64_t right = high - guess > reach ? guess + reach : high - 1;
        const uint64_t* left_key = load(left);
        const uint64_t* right_key = load(right);
        if (left_key == nullptr || right_key == nullptr) return false;
        if (*left_key >= key) {
            high = left;
            high_key = static_cast<double>(*left_key);
        } else {
            low = left + 1;
            low_key = static_cast<double>(*left_key);
            if (*right_key >= key) {
                high = right;
                high_key = static_cast<double>(*right_key);
            } else {
                low = right + 1;
                low_key = static_cast<double>(*right_key);
            }
        }
        if (high_key <= low_key) break;
    }
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        const uint64_t* at = load(middle);
        if (at == nullptr) return false;
        if (*at < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    index = low;
    return true;
}

}  // namespace kausal::segment
