// SPDX-License-Identifier: MIT
#include <aio/base/source_location.hpp>
#include <aio/task.hpp>

#include <gtest/gtest.h>
#include <string>
#include <utility>

// The names of coroutines of every shape, as they appear in reports: the same with every compiler.
namespace app {

using aio::Coro;

Coro<> fetch(int) { co_return; }
Coro<std::string> text(const char*, void (*)(int)) { co_return ""; }

struct Client {
    Coro<int> get(std::string) const { co_return 1; }
    static Coro<> open() { co_return; }
    Coro<> operator()(int) { co_return; }
    Coro<> operator<(int) { co_return; }
    Coro<> operator->*(int) { co_return; }
    Coro<> operator[](int) { co_return; }
};

template <class T>
struct Box {
    Coro<T> pop() { co_return T{}; }
    template <class U>
    Coro<> convert(U) {
        co_return;
    }
};

template <class T, class F>
Coro<T> wrapper(F) {
    co_return T{};
}

auto make_lambda() {
    return [](int) -> Coro<> { co_return; };
}

namespace {
Coro<> hidden() { co_return; }
struct Hidden {
    Coro<> member() { co_return; }
};
}  // namespace

}  // namespace app

namespace aio {
namespace {

template <class T>
std::string name_of(Coro<T> coroutine) {
    const auto frame = coroutine.release();
    const std::string name = function_name(frame.promise().location());
    frame.destroy();
    return name;
}

TEST(FunctionName, OfFunctions) {
    EXPECT_EQ(name_of(app::fetch(1)), "app::fetch");
    EXPECT_EQ(name_of(app::text("", nullptr)), "app::text");
    EXPECT_EQ(name_of(app::hidden()), "app::hidden");
}

TEST(FunctionName, OfMembers) {
    app::Client client;
    EXPECT_EQ(name_of(client.get("")), "app::Client::get");
    EXPECT_EQ(name_of(app::Client::open()), "app::Client::open");
    EXPECT_EQ(name_of(app::Hidden().member()), "app::Hidden::member");
}

TEST(FunctionName, OfOperators) {
    app::Client client;
    EXPECT_EQ(name_of(client(1)), "app::Client::operator()");
    EXPECT_EQ(name_of(client < 1), "app::Client::operator<");
    EXPECT_EQ(name_of(client->*1), "app::Client::operator->*");
    EXPECT_EQ(name_of(client[1]), "app::Client::operator[]");
}

TEST(FunctionName, OfTemplates) {
    app::Box<std::string> box;
    EXPECT_EQ(name_of(box.pop()), "app::Box::pop");
    EXPECT_EQ(name_of(box.convert(1)), "app::Box::convert");
    EXPECT_EQ(name_of(box.convert([] { return 1; })), "app::Box::convert");
    EXPECT_EQ(name_of(app::wrapper<int>(1)), "app::wrapper");
    EXPECT_EQ(name_of(app::wrapper<std::string>([](int) { return 1L; })), "app::wrapper");
}

TEST(FunctionName, OfLambdas) {
    EXPECT_EQ(name_of(app::make_lambda()(1)), "app::make_lambda()::<lambda>");
    auto generic = [](auto) -> Coro<> { co_return; };
    const std::string name = name_of(generic(1));
    EXPECT_TRUE(name.ends_with("::<lambda>")) << name;
}

TEST(FunctionName, OfLocalClasses) {
    struct Local {
        Coro<> member() { co_return; }
    };
    const std::string name = name_of(Local().member());
    EXPECT_TRUE(name.ends_with("::Local::member")) << name;
}

// create_task(fn, args...) wraps fn in a coroutine of aio's; its name would tell nothing. clang knows
// where the lambda stands, g++ in which function.
TEST(FunctionName, OfCallablesGivenToCreateTask) {
    const int captured = 1;
    auto lambda = [captured](int) -> Coro<> {  // NOLINT(cppcoreguidelines-avoid-capturing-lambda-coroutines)
        (void)captured;
        co_return;
    };
    const std::string name = name_of(detail::to_coro_call(lambda, 1));
    EXPECT_NE(name.find("<lambda"), std::string::npos) << name;
    EXPECT_EQ(name_of(detail::to_coro_call(app::Client(), 1)), "app::Client");
    EXPECT_NE(name_of(detail::to_coro_call(&app::fetch, 1)), "");
    app::Client client;
    EXPECT_NE(name_of(detail::to_coro_call(&app::Client::get, &client, std::string("x"))), "");
}

TEST(FunctionName, IsNeverEmpty) {
    EXPECT_NE(function_name(SourceLocation()), "");
    EXPECT_NE(function_name(SourceLocation::current()), "");
}

TEST(DescribeLocation, NamesFunctionFileAndLine) {
    const SourceLocation here = SourceLocation::current();
    const std::string text = describe(here);
    EXPECT_TRUE(text.ends_with("() at source_location_test.cpp:" + std::to_string(here.line()))) << text;
    EXPECT_NE(text.find("TestBody"), std::string::npos) << text;
}

}  // namespace
}  // namespace aio
