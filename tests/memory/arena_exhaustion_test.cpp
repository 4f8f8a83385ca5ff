// Goal: whatever allocation of the room fails, the caller gets an error or bad_alloc as promised,
// nothing leaks, and a later attempt works. Method: the allocation functions of this program are
// replaced by ones that fail at a given call, once or from then on; each call in turn.
#include "memory/arena_coordinator.h"
#include "memory/arena_manager.h"
#include "memory/owned_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>

namespace {

constexpr uint64_t kNever = UINT64_MAX;
std::atomic<uint64_t> calls_until_failure{kNever};
std::atomic<bool> fails_once{false};
std::atomic<uint64_t> failures{0};
std::atomic<int64_t> outstanding{0};

void* obtain(size_t size, size_t alignment) noexcept {
    const uint64_t left = calls_until_failure.load();
    if (left == 0) {
        ++failures;
        if (fails_once.load()) calls_until_failure.store(kNever);
        return nullptr;
    }
    if (left != kNever) calls_until_failure.store(left - 1);
    const size_t rounded = (std::max<size_t>(size, 1) + alignment - 1) / alignment * alignment;
    void* data = std::aligned_alloc(alignment, rounded);
    if (data != nullptr) ++outstanding;
    return data;
}

void* obtain_or_throw(size_t size, size_t alignment) {
    void* data = obtain(size, alignment);
    if (data == nullptr) throw std::bad_alloc();
    return data;
}

void give_back(void* data) noexcept {
    if (data == nullptr) return;
    --outstanding;
    std::free(data);
}

constexpr size_t kPlain = alignof(std::max_align_t);

}  // namespace

void* operator new(size_t size) {
    return obtain_or_throw(size, kPlain);
}
void* operator new(size_t size, const std::nothrow_t& /*tag*/) noexcept {
    return obtain(size, kPlain);
}
void* operator new(size_t size, std::align_val_t alignment) {
    return obtain_or_throw(size, static_cast<size_t>(alignment));
}
void* operator new(size_t size, std::align_val_t alignment,
                   const std::nothrow_t& /*tag*/) noexcept {
    return obtain(size, static_cast<size_t>(alignment));
}
void* operator new[](size_t size) {
    return obtain_or_throw(size, kPlain);
}
void* operator new[](size_t size, const std::nothrow_t& /*tag*/) noexcept {
    return obtain(size, kPlain);
}
void operator delete(void* data) noexcept {
    give_back(data);
}
void operator delete(void* data, size_t /*size*/) noexcept {
    give_back(data);
}
void operator delete(void* data, std::align_val_t /*alignment*/) noexcept {
    give_back(data);
}
void operator delete(void* data, size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
    give_back(data);
}
void operator delete[](void* data) noexcept {
    give_back(data);
}
void operator delete[](void* data, size_t /*size*/) noexcept {
    give_back(data);
}

namespace kausal::memory {
namespace {

// Runs `scenario`, which says whether all went well, with each of its allocations failing in turn.
void fail_each(const std::function<bool()>& scenario, uint64_t allocations_min) {
    for (const bool once : {true, false}) {
        for (uint64_t call = 0;; ++call) {
            ASSERT_LT(call, 1000u);
            const int64_t before = outstanding.load();
            const uint64_t failures_before = failures.load();
            fails_once.store(once);
            calls_until_failure.store(call);
            const bool is_well = scenario();
            calls_until_failure.store(kNever);
            ASSERT_EQ(outstanding.load(), before) << call;
            if (failures.load() == failures_before) {
                EXPECT_TRUE(is_well);
                EXPECT_GE(call, allocations_min);
                break;
            }
            // One refusal may be made good by asking for less, lasting ones may not.
            if (!once) {
                EXPECT_FALSE(is_well) << call;
            }
            ASSERT_TRUE(scenario()) << call;
        }
    }
}

template <typename T>
bool is_there(const Result<T>& result) {
    if (!result.has_value()) {
        EXPECT_EQ(result.error().code(), ErrorCode::NoMemory);
    }
    return result.has_value();
}

bool fill(Arena& arena, int count) {
    for (int i = 0; i < count; ++i) {
        void* data = arena.try_allocate(50'000, 8);
        if (data == nullptr) return false;
        std::memset(data, i, 50'000);
    }
    return true;
}

TEST(ArenaExhaustion, TaskArenas) {
    const auto scenario = [] {
        auto manager = ArenaManager::try_create();
        if (!is_there(manager)) return false;
        for (int round = 0; round < 2; ++round) {
            auto first = (*manager)->acquire(ArenaClass::Search);
            if (!is_there(first) || !fill(**first, 20)) return false;
            auto second = (*manager)->acquire(ArenaClass::Request);
            if (!is_there(second) || !fill(**second, 3)) return false;
        }
        return true;
    };
    fail_each(scenario, 10);
}

TEST(ArenaExhaustion, SubsystemArenas) {
    const auto scenario = [] {
        auto subsystem = SubsystemArena::try_create({.name = "subsystem"}, 3);
        if (!is_there(subsystem)) return false;
        const ArenaPin pin = subsystem->pin();
        for (size_t lane = 0; lane < 3; ++lane) {
            if (!fill(subsystem->lane(lane), 5)) return false;
        }
        subsystem->close();
        return true;
    };
    fail_each(scenario, 8);
}

TEST(ArenaExhaustion, OwnedBytesAndQuarantines) {
    const auto scenario = [] {
        auto bytes = OwnedBytes::try_copy(as_bytes("some text"));
        if (!is_there(bytes)) return false;
        auto arena = Arena::try_create({.quarantine_chunks = 3});
        return is_there(arena) && fill(**arena, 3);
    };
    fail_each(scenario, 4);
}

TEST(ArenaExhaustion, WhatPromisesBadAllocThrowsIt) {
    const auto scenario = [] {
        try {
            SubsystemArena subsystem = SubsystemArena::create("subsystem", 2);
            const auto arena = Arena::create();
            for (int i = 0; i < 5; ++i) std::memset(arena->allocate(50'000, 8), i, 50'000);
            (void)subsystem.lane(1).copy_text("text");
            (void)subsystem.lane(0).make_array<uint64_t>(100'000);
            return true;
        } catch (const std::bad_alloc&) {
            return false;
        }
    };
    fail_each(scenario, 8);
}

}  // namespace
}  // namespace kausal::memory
