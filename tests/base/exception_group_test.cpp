// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/exception_group.hpp>
#include <aio/base/log.hpp>
#include <aio/base/traceback.hpp>
#include <support/nested.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>
#include <exception>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

using Errors = std::vector<std::exception_ptr>;

static_assert(std::is_base_of_v<std::exception, ExceptionGroup>);
static_assert(std::is_base_of_v<BaseExceptionGroup, ExceptionGroup>);
static_assert(!std::is_base_of_v<std::exception, BaseExceptionGroup>);
static_assert(std::is_nothrow_copy_constructible_v<ExceptionGroup>);
static_assert(std::is_nothrow_copy_constructible_v<BaseExceptionGroup>);

template <class E>
std::exception_ptr error(const char* text) {
    return std::make_exception_ptr(E(text));
}
std::exception_ptr group(const char* message, Errors errors) {
    return make_exception_group(message, std::move(errors));
}
// "eg[v, in[o]]", with "-" for null.
std::string shape(const std::exception_ptr& of) {
    if (!of) return "-";
    if (const auto* held = exception_ptr_cast<BaseExceptionGroup>(of)) {
        std::string text = held->message() + "[";
        for (const std::exception_ptr& member : held->exceptions()) {
            if (text.back() != '[') text += ", ";
            text += shape(member);
        }
        return text + "]";
    }
    if (const auto* held = exception_ptr_cast<std::exception>(of)) return held->what();
    return describe(of);
}
const BaseExceptionGroup& in(const std::exception_ptr& of) {
    return *exception_ptr_cast<BaseExceptionGroup>(of);
}

TEST(ExceptionPtrCast, GivesTheHeldErrorOrNull) {
    const auto v = error<ValueError>("v");
    EXPECT_STREQ(exception_ptr_cast<ValueError>(v)->what(), "v");
    EXPECT_EQ(exception_ptr_cast<std::exception>(v), exception_ptr_cast<ValueError>(v));
    EXPECT_EQ(exception_ptr_cast<TypeError>(v), nullptr);
    EXPECT_EQ(exception_ptr_cast<TypeError>(nullptr), nullptr);
}

TEST(ExceptionGroup, CountsItsErrors) {
    const auto one = std::make_exception_ptr(ValueError("a"));
    const auto two = std::make_exception_ptr(TypeError("b"));
    const ExceptionGroup pair("unhandled errors in a TaskGroup", {one, two});
    EXPECT_STREQ(pair.what(), "unhandled errors in a TaskGroup (2 sub-exceptions)");
    EXPECT_EQ(pair.message(), "unhandled errors in a TaskGroup");
    EXPECT_EQ(pair.exceptions(), (std::vector{one, two}));
    EXPECT_STREQ(ExceptionGroup("x", {one}).what(), "x (1 sub-exception)");
}

TEST(ExceptionGroup, RefusesNothingAndWhatIsNoStdException) {
    using tests::thrown;
    EXPECT_EQ(thrown<ValueError>([] { ExceptionGroup("m", {}); }),
              "an exception group needs at least one exception");
    EXPECT_EQ(thrown<ValueError>([] { group("m", {}); }), "an exception group needs at least one exception");
    const auto exit = std::make_exception_ptr(KeyboardInterrupt());
    EXPECT_EQ(thrown<TypeError>([&] { ExceptionGroup("m", {exit}); }),
              "Cannot nest BaseExceptions in an ExceptionGroup");
}

TEST(ExceptionGroup, HasNoPlaceForWhatIsNoException) {
    using tests::thrown;
    EXPECT_EQ(thrown<ValueError>([] { BaseExceptionGroup("g", {error<ValueError>("x"), nullptr}); }),
              "Item 1 of second argument (exceptions) is not an exception");
    EXPECT_THROW(ExceptionGroup("g", {nullptr}), ValueError);
    EXPECT_THROW(make_exception_group("g", {nullptr}), ValueError);
}

TEST(ExceptionGroup, IsMadeOfTheKindThatFitsItsErrors) {
    const auto plain = group("m", {error<ValueError>("v")});
    EXPECT_TRUE(exception_ptr_cast<ExceptionGroup>(plain));
    EXPECT_STREQ(exception_ptr_cast<std::exception>(plain)->what(), "m (1 sub-exception)");
    const auto base = group("m", {error<ValueError>("v"), std::make_exception_ptr(CancelledError())});
    EXPECT_FALSE(exception_ptr_cast<std::exception>(base));
    EXPECT_STREQ(in(base).what(), "m (2 sub-exceptions)");
    // Also one that is only deep inside.
    EXPECT_FALSE(exception_ptr_cast<std::exception>(group("outer", {base})));
    EXPECT_TRUE(exception_ptr_cast<std::exception>(group("outer", {plain})));
}

TEST(ExceptionGroup, SplitsByTypeAtAnyDepthAndKeepsTheShape) {
    const auto eg = group("eg", {error<ValueError>("v1"), error<TypeError>("t"),
                                 group("in", {error<ValueError>("v2"), error<RuntimeError>("r")})});
    const auto [match, rest] = in(eg).split<ValueError>();
    EXPECT_EQ(shape(match), "eg[v1, in[v2]]");
    EXPECT_EQ(shape(rest), "eg[t, in[r]]");
    EXPECT_EQ(shape(in(eg).subgroup<TypeError, RuntimeError>()), "eg[t, in[r]]");
    EXPECT_EQ(shape(in(eg).subgroup<OSError>()), "-");
    EXPECT_EQ(shape(in(eg).split<OSError>().rest), shape(eg));
    EXPECT_EQ(shape(in(eg).split<std::exception>().match), shape(eg));  // the group is one itself
    EXPECT_EQ(shape(in(eg).split<std::exception>().rest), "-");
}

TEST(ExceptionGroup, PredicateIsAskedAboutGroupsFirst) {
    const auto eg = group("eg", {error<ValueError>("v"), group("in", {error<RuntimeError>("r")})});
    std::vector<std::string> asked;
    const auto parts = in(eg).split([&](const std::exception_ptr& e) {
        asked.push_back(shape(e));
        return false;
    });
    EXPECT_EQ(asked, (std::vector<std::string>{"eg[v, in[r]]", "v", "in[r]", "r"}));
    EXPECT_EQ(shape(parts.match), "-");
    EXPECT_EQ(shape(parts.rest), "eg[v, in[r]]");
    const auto whole = in(eg).subgroup([&](const std::exception_ptr& e) { return shape(e) == "in[r]"; });
    EXPECT_EQ(shape(whole), "eg[in[r]]");
}

TEST(ExceptionGroup, PartOfABaseGroupCanBeAnExceptionGroup) {
    const auto eg = group("eg", {error<ValueError>("v"), std::make_exception_ptr(CancelledError())});
    const auto [match, rest] = in(eg).split<CancelledError>();
    EXPECT_FALSE(exception_ptr_cast<std::exception>(match));
    EXPECT_TRUE(exception_ptr_cast<ExceptionGroup>(rest));
}

struct NumberedGroup : ExceptionGroup {
    NumberedGroup(std::string message, Errors errors, int given)
        : ExceptionGroup(std::move(message), std::move(errors)), number(given) {}
    std::exception_ptr derive(Errors errors) const override {
        return std::make_exception_ptr(NumberedGroup(message(), std::move(errors), number));
    }
    int number;
};

TEST(ExceptionGroup, SubclassThatDerivesKeepsItsTypeInItsParts) {
    const NumberedGroup eg("eg", {error<ValueError>("v"), error<TypeError>("t")}, 7);
    const auto parts = eg.split<ValueError>();
    ASSERT_TRUE(exception_ptr_cast<NumberedGroup>(parts.match));
    EXPECT_EQ(exception_ptr_cast<NumberedGroup>(parts.rest)->number, 7);
    EXPECT_EQ(shape(eg.subgroup<NumberedGroup>()), "eg[v, t]");
}

// The text of Python's traceback.format_exception(), but for the names of the types.
TEST(ExceptionGroup, TreeShowsTheNestingAsPythonDoes) {
    const auto eg = group(
        "eg", {error<ValueError>("1"),
               group("nested", {error<TypeError>("two\nlines"), std::make_exception_ptr(CancelledError())}),
               error<RuntimeError>("x")});
    EXPECT_EQ(in(eg).tree(),
              "  | aio::BaseExceptionGroup: eg (3 sub-exceptions)\n"
              "  +-+---------------- 1 ----------------\n"
              "    | aio::ValueError: 1\n"
              "    +---------------- 2 ----------------\n"
              "    | aio::BaseExceptionGroup: nested (2 sub-exceptions)\n"
              "    +-+---------------- 1 ----------------\n"
              "      | aio::TypeError: two\n"
              "      | lines\n"
              "      +---------------- 2 ----------------\n"
              "      | aio::CancelledError\n"
              "      +------------------------------------\n"
              "    +---------------- 3 ----------------\n"
              "    | aio::RuntimeError: x\n"
              "    +------------------------------------\n");
    EXPECT_EQ(ExceptionGroup("eg", {group("in", {error<TypeError>("t")})}).tree(),
              "  | aio::ExceptionGroup: eg (1 sub-exception)\n"
              "  +-+---------------- 1 ----------------\n"
              "    | aio::ExceptionGroup: in (1 sub-exception)\n"
              "    +-+---------------- 1 ----------------\n"
              "      | aio::TypeError: t\n"
              "      +------------------------------------\n");
}

TEST(ExceptionGroup, TreeIsLimitedInWidthAndDepth) {
    Errors many;
    for (int i = 0; i < 17; ++i) many.push_back(error<ValueError>("v"));
    EXPECT_TRUE(in(group("big", many))
                    .tree()
                    .ends_with("    +---------------- 15 ----------------\n"
                               "    | aio::ValueError: v\n"
                               "    +---------------- ... ----------------\n"
                               "    | and 2 more exceptions\n"
                               "    +------------------------------------\n"));
    std::exception_ptr deep = error<ValueError>("v");
    for (int i = 0; i < 12; ++i) deep = group("g", {deep});
    EXPECT_NE(in(deep).tree().find("... (max_group_depth is 10)"), std::string::npos);
    EXPECT_EQ(in(deep).tree().find("aio::ValueError"), std::string::npos);
}

TEST(ExceptionGroup, TreeShowsTheCausesOfEachError) {
    const auto of_member = tests::nested(RuntimeError("outer"), ValueError("inner"));
    const auto of_group = tests::nested(ExceptionGroup("in", {of_member}), ValueError("of the group"));
    const std::string text =
        "aio::ValueError: of the group\n"
        "\n"
        "The above exception was the direct cause of the following exception:\n"
        "\n"
        "  | aio::ExceptionGroup: in (1 sub-exception)\n"
        "  +-+---------------- 1 ----------------\n"
        "    | aio::ValueError: inner\n"
        "    |\n"
        "    | The above exception was the direct cause of the following exception:\n"
        "    |\n"
        "    | aio::RuntimeError: outer\n"
        "    +------------------------------------\n";
    EXPECT_EQ(in(of_group).tree(), text);
    EXPECT_EQ(format_exception(of_group) + "\n", text);
    EXPECT_EQ(ExceptionGroup("eg", {of_group}).tree(),
              "  | aio::ExceptionGroup: eg (1 sub-exception)\n"
              "  +-+---------------- 1 ----------------\n"
              "    | aio::ValueError: of the group\n"
              "    |\n"
              "    | The above exception was the direct cause of the following exception:\n"
              "    |\n"
              "    | aio::ExceptionGroup: in (1 sub-exception)\n"
              "    +-+---------------- 1 ----------------\n"
              "      | aio::ValueError: inner\n"
              "      |\n"
              "      | The above exception was the direct cause of the following exception:\n"
              "      |\n"
              "      | aio::RuntimeError: outer\n"
              "      +------------------------------------\n");
    EXPECT_EQ(
        format_exception(tests::nested(RuntimeError("r"), ExceptionGroup("eg", {error<ValueError>("v")}))),
        "  | aio::ExceptionGroup: eg (1 sub-exception)\n"
        "  +-+---------------- 1 ----------------\n"
        "    | aio::ValueError: v\n"
        "    +------------------------------------\n"
        "\n"
        "The above exception was the direct cause of the following exception:\n"
        "\n"
        "aio::RuntimeError: r");
}

TEST(ExceptionGroup, DescribedOnOneLine) {
    const auto base = group("m", {std::make_exception_ptr(CancelledError())});
    EXPECT_EQ(describe(base), "aio::BaseExceptionGroup: m (1 sub-exception)");
    EXPECT_EQ(describe(group("m", {error<ValueError>("v")})), "aio::ExceptionGroup: m (1 sub-exception)");
}

void raise_group() { throw ExceptionGroup("m", {error<ValueError>("v")}); }
void end_program() noexcept { raise_group(); }

TEST(ExceptionGroupDeathTest, ShowsItsTreeWhenItEndsTheProgram) {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    EXPECT_DEATH(end_program(), "aio::ExceptionGroup: m \\(1 sub-exception\\)(.|\n)*aio::ValueError: v");
}

// Inlined, g++ would end the catch block before it calls std::terminate().
[[gnu::noinline]] void raise_nested() { tests::throw_nested(RuntimeError("outer"), ValueError("inner")); }
void end_program_by_cause() noexcept {
    detail::install_terminate_handler();
    raise_nested();
}

TEST(NestedErrorDeathTest, ShowsItsCausesWhenItEndsTheProgram) {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    EXPECT_DEATH(end_program_by_cause(),
                 "aio::ValueError: inner\n\nThe above .*:\n\naio::RuntimeError: outer");
}

// --- except*: the outcomes are CPython's -------------------------------------------------------------

std::string outcome(const std::exception_ptr& raised, auto... clauses) {
    std::exception_ptr left;
    try {
        try {
            std::rethrow_exception(raised);
        } catch (...) {
            except_star(clauses...);
        }
    } catch (...) {
        left = std::current_exception();
    }
    return shape(left);
}

struct ExceptStar : ::testing::Test {
    auto take(std::string& into) {
        return
            [&into](const BaseExceptionGroup& caught) { into = shape(caught.derive(caught.exceptions())); };
    }
    std::exception_ptr eg = group("eg", {error<ValueError>("v1"), error<TypeError>("t"),
                                         group("in", {error<ValueError>("v2"), error<RuntimeError>("r")})});
    std::string first = "not called";
    std::string second = "not called";
};

TEST_F(ExceptStar, EachClauseGetsItsPartOfTheGroup) {
    EXPECT_EQ(outcome(eg, except<ValueError>(take(first)), except<TypeError, RuntimeError>(take(second))),
              "-");
    EXPECT_EQ(first, "eg[v1, in[v2]]");
    EXPECT_EQ(second, "eg[t, in[r]]");
}

TEST_F(ExceptStar, WhatNobodyTakesIsThrownOn) {
    EXPECT_EQ(outcome(eg, except<ValueError>(take(first)), except<ValueError>(take(second))), "eg[t, in[r]]");
    EXPECT_EQ(second, "not called");  // nothing left for it
}

TEST_F(ExceptStar, AnErrorThatIsNoGroupComesAsAGroupOfOne) {
    EXPECT_EQ(outcome(error<ValueError>("v"), except<ValueError>(take(first))), "-");
    EXPECT_EQ(first, "[v]");
    const auto alone = error<ValueError>("v");
    EXPECT_EQ(outcome(alone, except<OSError>(take(second))), "v");
    EXPECT_EQ(second, "not called");
}

TEST_F(ExceptStar, WhatAClauseThrowsJoinsTheRest) {
    auto fail = [](const BaseExceptionGroup&) { throw LookupError("new"); };
    EXPECT_EQ(outcome(eg, except<ValueError>(fail)), "[new, eg[t, in[r]]]");
    EXPECT_EQ(outcome(eg, except<std::exception>(fail)), "new");
    EXPECT_EQ(outcome(error<ValueError>("v"), except<ValueError>(fail)), "new");
}

TEST_F(ExceptStar, WhatAClauseThrowsAgainKeepsItsPlace) {
    auto again = [](const BaseExceptionGroup&) { throw; };
    EXPECT_EQ(outcome(eg, except<ValueError>(again), except<RuntimeError>(take(first))), "eg[v1, t, in[v2]]");
    EXPECT_EQ(outcome(error<ValueError>("v"), except<ValueError>(again)), "[v]");
}

TEST_F(ExceptStar, OnlyInsideACatchBlock) {
    EXPECT_EQ(tests::thrown<RuntimeError>([&] { except_star(except<ValueError>(take(first))); }),
              "No active exception to handle");
}

}  // namespace
}  // namespace aio
