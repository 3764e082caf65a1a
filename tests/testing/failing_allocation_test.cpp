// SPDX-License-Identifier: MIT
#include <aio/base/detail/trivial_vector.hpp>
#include <aio/base/error.hpp>
#include <aio/base/pool.hpp>
#include <aio/testing/failing_allocation.hpp>

#include <gtest/gtest.h>
#include <memory>
#include <new>
#include <string>
#include <thread>

AIO_REPLACE_OPERATOR_NEW();

namespace aio::testing {
namespace {

struct FailingAllocationTest : ::testing::Test {
    void SetUp() override {
        if (!FailingAllocation::available()) GTEST_SKIP() << "the sanitizer has its own operator new";
    }
};

// Whether an allocation succeeds.
bool has_memory() {
    try {
        ::operator delete(::operator new(100));
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

TEST_F(FailingAllocationTest, FailsAtTheOneThatWasAskedFor) {
    const FailingAllocation failing(3);
    EXPECT_EQ(failing.count(), 0U);
    const bool first = has_memory();
    const bool second = has_memory();
    const bool early = failing.failed();
    const bool third = has_memory();
    const bool fourth = has_memory();
    const std::size_t count = failing.count();
    EXPECT_TRUE(first && second && !early && !third && fourth && failing.failed());
    EXPECT_EQ(count, 4U);
}
TEST_F(FailingAllocationTest, FailsSeveralTimesOrForGood) {
    {
        const FailingAllocation failing(1, 2);
        const bool first = has_memory();
        const bool second = has_memory();
        const bool third = has_memory();
        EXPECT_TRUE(!first && !second && third);
    }
    bool any = false;
    {
        const FailingAllocation failing(2, ~std::size_t{0});
        has_memory();
        for (int i = 0; i < 10; ++i) any = any || has_memory();
    }
    EXPECT_FALSE(any);
    EXPECT_TRUE(has_memory());
}
TEST_F(FailingAllocationTest, CountsOnly) {
    const FailingAllocation failing(1, 0);
    const bool memory = has_memory();
    EXPECT_TRUE(memory);
    EXPECT_FALSE(failing.failed());
}
TEST_F(FailingAllocationTest, TakesAllFormsOfNew) {
    struct alignas(64) Wide {
        char bytes[64];
    };
    std::size_t count = 0;
    bool refused = false;
    {
        const FailingAllocation failing(7);
        int* volatile one = new int(1);  // volatile: or the pair is optimised away
        delete one;
        one = new (std::nothrow) int(1);
        delete one;
        int* volatile several = new int[3];
        delete[] several;
        several = new (std::nothrow) int[3];
        delete[] several;
        Wide* volatile wide = new Wide;
        delete wide;
        Wide* volatile wides = new Wide[2];
        delete[] wides;
        wide = new (std::nothrow) Wide;
        refused = wide == nullptr;
        count = failing.count();
    }
    EXPECT_EQ(count, 7U);
    EXPECT_TRUE(refused);
}
TEST_F(FailingAllocationTest, PoolsAndArraysCountThoughTheyAreWarm) {
    pool::deallocate(pool::allocate(48), 48);  // now the list has a block
    detail::TrivialVector<int> array;
    bool from_pool = false;
    bool from_array = false;
    {
        const FailingAllocation failing(1, 2);
        try {
            pool::allocate(48);
        } catch (const std::bad_alloc&) {
            from_pool = true;
        }
        try {
            array.push_back(1);
        } catch (const std::bad_alloc&) {
            from_array = true;
        }
    }
    EXPECT_TRUE(from_pool && from_array);
    pool::deallocate(pool::allocate(48), 48);
    array.push_back(1);
}
TEST_F(FailingAllocationTest, OneAtATimeAndOfThisThreadOnly) {
    const FailingAllocation failing(1000);
    EXPECT_THROW(FailingAllocation(1), RuntimeError);
    bool other = false;
    std::thread([&other] {
        const FailingAllocation theirs(1);
        other = !has_memory();
    }).join();
    EXPECT_TRUE(other && !failing.failed());
}

}  // namespace
}  // namespace aio::testing
