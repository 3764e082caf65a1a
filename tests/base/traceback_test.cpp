// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/exception_group.hpp>
#include <aio/base/log.hpp>
#include <aio/base/traceback.hpp>
#include <support/child.hpp>
#include <support/lifetime.hpp>
#include <support/nested.hpp>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace aio {
namespace {

std::exception_ptr caught(const std::function<void()>& f) {
    try {
        f();
    } catch (...) {
        return std::current_exception();
    }
    return nullptr;
}

constexpr unsigned kLine = __LINE__;
SourceLocation first() { return SourceLocation::current(); }
SourceLocation second() { return SourceLocation::current(); }

// As if coroutines were between.
std::exception_ptr passed(const std::exception_ptr& error, std::initializer_list<SourceLocation> places) {
    for (const SourceLocation place : places) caught([&] { detail::rethrow_at(place, error); });
    return error;
}

std::vector<std::string> names(const std::exception_ptr& error) {
    std::vector<std::string> all;
    for (const FrameSummary& frame : traceback(error)) all.push_back(frame.name());
    return all;
}

using Names = std::vector<std::string>;

TEST(Traceback, OfWhatPassedNoCoroutineIsEmpty) {
    EXPECT_TRUE(traceback(nullptr).empty());
    EXPECT_TRUE(traceback(std::make_exception_ptr(1)).empty());
    EXPECT_TRUE(traceback(caught([] { throw ValueError("v"); })).empty());
}

TEST(Traceback, TellsThePlacesOutermostFirst) {
    const auto error = passed(std::make_exception_ptr(ValueError("v")), {first(), second()});
    const std::vector<FrameSummary> frames = traceback(error);
    ASSERT_EQ(names(error), (Names{"aio::second", "aio::first"}));
    EXPECT_EQ(frames[1].line, kLine + 1);
    EXPECT_EQ(frames[1].place, FrameSummary::Place::await);
    EXPECT_STREQ(frames[1].file(), "traceback_test.cpp");
    EXPECT_EQ(frames[1].str(),
              "  File \"traceback_test.cpp\", line " + std::to_string(kLine + 1) + ", in aio::first");
}

TEST(Traceback, BelongsToTheObjectAndEndsWithIt) {
    const tests::Lifetime life;
    struct Error {
        std::shared_ptr<int> alive;
    };
    auto error = passed(std::make_exception_ptr(Error{life.token()}), {first()});
    const std::exception_ptr copy = error;
    EXPECT_EQ(names(copy), (Names{"aio::first"}));
    EXPECT_EQ(names(caught([&] { std::rethrow_exception(copy); })), (Names{"aio::first"}));
    const auto other = std::make_exception_ptr(Error{life.token()});
    EXPECT_TRUE(traceback(other).empty());
    error = nullptr;
    EXPECT_EQ(life.holders(), 2) << "copy, other";
}

TEST(Traceback, OfAnObjectInAPlaceThatWasUsedBeforeIsItsOwn) {
    for (int i = 0; i < 1000; ++i) {
        const auto error = std::make_exception_ptr(std::string("long enough for memory of its own"));
        ASSERT_TRUE(traceback(error).empty()) << i;
        passed(error, {first()});
        ASSERT_EQ(traceback(error).size(), 1u);
    }
}

// Trivial destructors, none, virtual ones: each is called once, by whatever drops the last reference.
TEST(Traceback, AnyTypeCanHaveOne) {
    struct Plain {
        int value;
    };
    const auto plain = passed(std::make_exception_ptr(Plain{7}), {first()});
    EXPECT_EQ(exception_ptr_cast<Plain>(plain)->value, 7);
    const auto number = passed(caught([] { throw 7; }), {first()});
    EXPECT_EQ(*exception_ptr_cast<int>(number), 7);
    const auto text = passed(caught([] { throw "text"; }), {first()});
    try {
        std::rethrow_exception(text);
    } catch (const char* held) {
        EXPECT_STREQ(held, "text");
    }
    const auto shared = std::make_shared<int>(1);
    passed(caught([&] { throw shared; }), {first()});
    passed(std::make_exception_ptr(shared), {first(), second()});
    EXPECT_EQ(shared.use_count(), 1);
    EXPECT_EQ(describe(passed(caught([] { raise_os_error(2, "open"); }), {first()})),
              "aio::FileNotFoundError: open: No such file or directory");
}

TEST(Traceback, EveryHolderGoesOnFromTheWayThatItWasGivenWith) {
    const auto error = passed(std::make_exception_ptr(ValueError("v")), {first()});
    const int a = 0;
    const int b = 0;
    detail::keep_traceback(&a, error);
    caught([&] { detail::rethrow_kept(&a, second(), error); });
    EXPECT_EQ(names(error), (Names{"aio::second", "aio::first"}));
    detail::keep_traceback(&b, error);
    for (int i = 0; i < 3; ++i) {
        caught([&] { detail::rethrow_kept(&a, second(), error); });
        EXPECT_EQ(names(error), (Names{"aio::second", "aio::first"}));
        caught([&] { detail::rethrow_kept(&b, first(), error); });
        EXPECT_EQ(names(error), (Names{"aio::first", "aio::second", "aio::first"}));
        caught([&] { detail::rethrow_kept(&a, SourceLocation(), error); });
        EXPECT_EQ(names(error), (Names{"aio::first"}));
    }
    detail::forget_traceback(&a, error);
    detail::forget_traceback(&a, error);
    detail::forget_traceback(&b, error);
    detail::forget_traceback(&b, std::make_exception_ptr(1));
}

// A global error that is thrown again and again.
TEST(Traceback, IsLimitedToAThousandPlaces) {
    const auto error = passed(std::make_exception_ptr(ValueError("v")), {second()});
    for (int i = 0; i < 5000; ++i) passed(error, {first()});
    const auto frames = traceback(error);
    ASSERT_EQ(frames.size(), 1000u);
    EXPECT_EQ(frames.back().name(), "aio::second") << "where it came from is kept";
    passed(error, {second()});
    EXPECT_EQ(traceback(error).front().name(), "aio::second") << "and where it is";
}

TEST(Traceback, LikeLinesAreCounted) {
    const auto error = passed(std::make_exception_ptr(ValueError("v")),
                              {second(), first(), first(), first(), first(), first(), second()});
    const std::string f =
        "  File \"traceback_test.cpp\", line " + std::to_string(kLine + 1) + ", in aio::first\n";
    const std::string s =
        "  File \"traceback_test.cpp\", line " + std::to_string(kLine + 2) + ", in aio::second\n";
    EXPECT_EQ(format_exception(error), "Traceback (most recent call last):\n" + s + f + f + f +
                                           "  [Previous line repeated 2 more times]\n" + s +
                                           "aio::ValueError: v");
}

TEST(Traceback, IsReadAndWrittenByManyThreads) {
    const auto error = std::make_exception_ptr(ValueError("v"));
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([error, t] {
            for (int i = 0; i < 200; ++i) {
                passed(error, {t % 2 == 0 ? first() : second()});
                EXPECT_FALSE(traceback(error).empty());
                const auto own = passed(std::make_exception_ptr(i), {first()});
                EXPECT_EQ(traceback(own).size(), 1u);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(traceback(error).size(), 800u);
}

TEST(Traceback, IsThereInAForkedChild) {
    const auto error = passed(std::make_exception_ptr(ValueError("v")), {first()});
    const std::string child = tests::run_in_child([&] {
        passed(error, {second()});
        if (traceback(error).size() != 2) std::_Exit(1);
    });
    EXPECT_EQ(child, "exit 0");
}

TEST(FormatException, TellsTheCausesFirst) {
    const auto error = tests::nested(RuntimeError("outer"), ValueError("middle"), std::out_of_range("inner"));
    EXPECT_EQ(describe(error), "aio::RuntimeError: outer") << "one line";
    EXPECT_EQ(format_exception(error), std::string("std::out_of_range: inner") + tests::kLedTo +
                                           "aio::ValueError: middle" + tests::kLedTo +
                                           "aio::RuntimeError: outer");
    EXPECT_EQ(format_exception(std::make_exception_ptr(ValueError("alone"))), "aio::ValueError: alone");
    const auto of_int = tests::nested(std::vector<int>(), 1);  // any class can be thrown with a cause
    EXPECT_EQ(format_exception(of_int), std::string("int") + tests::kLedTo + "std::vector<int>");
    EXPECT_EQ(format_exception(nullptr), "no exception");
}

TEST(FormatException, EndsAlsoIfAnErrorIsItsOwnCause) {
    struct Circular : std::nested_exception {};
    std::exception_ptr error;
    try {
        throw Circular();
    } catch (Circular& circular) {
        circular = Circular();
        error = std::current_exception();
    }
    const std::string text = format_exception(error);
    EXPECT_TRUE(text.starts_with(std::string("...\n") + (tests::kLedTo + 1))) << text.substr(0, 200);
    try {
        std::rethrow_exception(error);
    } catch (Circular& circular) {
        error = nullptr;
        try {
            throw 1;
        } catch (int) {
            circular = Circular();  // or it would keep itself alive
        }
    }
}

TEST(FormatException, ShowsTheWayOfEveryErrorOfAGroup) {
    const auto member = passed(std::make_exception_ptr(ValueError("v")), {first()});
    const auto group =
        passed(make_exception_group("g", {member, std::make_exception_ptr(TypeError("t"))}), {second()});
    EXPECT_EQ(format_exception(group),
              "  + Exception Group Traceback (most recent call last):\n"
              "  |   File \"traceback_test.cpp\", line " +
                  std::to_string(kLine + 2) +
                  ", in aio::second\n"
                  "  | aio::ExceptionGroup: g (2 sub-exceptions)\n"
                  "  +-+---------------- 1 ----------------\n"
                  "    | Traceback (most recent call last):\n"
                  "    |   File \"traceback_test.cpp\", line " +
                  std::to_string(kLine + 1) +
                  ", in aio::first\n"
                  "    | aio::ValueError: v\n"
                  "    +---------------- 2 ----------------\n"
                  "    | aio::TypeError: t\n"
                  "    +------------------------------------");
}

TEST(FormatException, NeedsNoArgumentInACatchBlock) {
    try {
        throw ValueError("v");
    } catch (...) {
        EXPECT_EQ(format_exception(), "aio::ValueError: v");
        char* text = nullptr;
        std::size_t size = 0;
        std::FILE* stream = ::open_memstream(&text, &size);
        print_exception(std::current_exception(), stream);
        std::fclose(stream);
        EXPECT_STREQ(text, "aio::ValueError: v\n");
        std::free(text);
    }
}

}  // namespace
}  // namespace aio
