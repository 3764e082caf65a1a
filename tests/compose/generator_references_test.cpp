// SPDX-License-Identifier: MIT
// Generators of references, plain and async: whoever asks is given the objects themselves.
#include <compose/references_support.hpp>

#include <aio/aio.hpp>

#include <gtest/gtest.h>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace aio {
namespace {

using namespace std::chrono_literals;

using tests::Object;
using GeneratorReferences = tests::ReferencesTest;

TEST_F(GeneratorReferences, Generators) {
    auto plain = [](std::vector<std::string>& texts) -> Generator<std::string&> {
        for (std::string& text : texts) co_yield text;
    };
    auto constant = []() -> Generator<const std::string&> {
        co_yield "a text that is made for the co_yield, longer than a string keeps in itself";
    };
    std::vector<std::string> texts{"a", "b"};
    for (std::string& text : plain(texts)) text += "!";
    EXPECT_EQ(texts, (std::vector<std::string>{"a!", "b!"}));
    auto generator = plain(texts);
    auto first = generator.next();
    EXPECT_EQ(&*first, &texts[0]);
    EXPECT_EQ(first->size(), 2U);
    EXPECT_EQ(&generator.next().value(), &texts[1]);
    EXPECT_FALSE(next(generator));
    EXPECT_EQ(generator.next(), std::nullopt);
    auto made = constant();
    auto text = made.next();
    EXPECT_TRUE(text->starts_with("a text that"));
}

TEST_F(GeneratorReferences, AsyncGenerators) {
    auto objects = [&]() -> AsyncGenerator<Object&> {
        for (int i = 0; i < 2; ++i) {
            co_await sleep(1s);
            co_yield object;
        }
    };
    auto texts = []() -> AsyncGenerator<const std::string&> {
        co_yield "a text that is made for the co_yield, longer than a string keeps in itself";
    };
    static_assert(AsyncIterator<AsyncGenerator<Object&>>);
    run([&]() -> Coro<> {
        int count = 0;
        auto generator = objects();
        while (auto item = co_await generator.next()) {
            expect_it(*item);
            ++count;
        }
        EXPECT_EQ(count, 2);
        const std::vector<std::string> all = co_await collect(texts());
        EXPECT_TRUE(all.at(0).starts_with("a text that"));
    });
}

TEST_F(GeneratorReferences, NextOrAFallback) {
    Object fallback;
    auto objects = [&]() -> AsyncGenerator<Object&> { co_yield object; };
    auto texts = []() -> AsyncGenerator<const std::string&> { co_yield "first"; };
    run([&]() -> Coro<> {
        auto generator = objects();
        expect_it(co_await anext(generator, fallback));
        Object& last = co_await anext(generator, fallback);
        EXPECT_EQ(&last, &fallback);
        auto of_texts = texts();
        const std::string first = co_await anext(of_texts, "none");
        const std::string none = co_await anext(of_texts, "none");
        EXPECT_EQ(first + none, "firstnone");
    });
}

// A step that throws gives nothing, and nothing is left of the value before.
TEST_F(GeneratorReferences, AsyncGeneratorsThatAreThrownInto) {
    auto objects = [&]() -> AsyncGenerator<Object&> {
        try {
            co_yield object;
        } catch (const ValueError&) {
        }
        co_yield object;
        throw ValueError("x");
    };
    run([&]() -> Coro<> {
        auto generator = objects();
        expect_it(*co_await generator.next());
        auto again = co_await generator.athrow(ValueError("y"));
        expect_it(again.value());
        bool raised = false;
        try {
            auto end = co_await generator.next();
            EXPECT_FALSE(end);
        } catch (const ValueError&) {
            raised = true;
        }
        EXPECT_TRUE(raised);
        auto end = co_await generator.next();
        EXPECT_FALSE(end);
    });
}

// What is collected from references is copied, never moved out of what they refer to.
TEST_F(GeneratorReferences, CollectLeavesTheObjectsAlone) {
    std::vector<std::string> texts{"a text longer than a string keeps in itself"};
    auto generator = [&]() -> AsyncGenerator<std::string&> {
        for (std::string& text : texts) co_yield text;
    };
    run([&]() -> Coro<> {
        const std::vector<std::string> all = co_await collect(generator());
        EXPECT_EQ(all, texts);
        auto stored = generator();
        const std::vector<std::string> again = co_await collect(stored);
        EXPECT_EQ(again, texts);
    });
}

}  // namespace
}  // namespace aio
