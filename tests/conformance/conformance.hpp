// SPDX-License-Identifier: MIT
#pragma once

#include "python_twin.hpp"

#include <aio/base/log.hpp>
#include <aio/compose.hpp>
#include <aio/task.hpp>
#include <aio/testing.hpp>
#include <support/trace.hpp>

#include <gtest/gtest.h>
#include <csignal>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace aio::tests {

/// Fixture of all conformance tests: one test per rule of asyncio's behaviour, named by the rule's
/// number. Each runs the rule's scenario on a virtual clock, prints what the Python program prints
/// and compares the whole outcome; at its end also with what python3 prints, if the test has a twin.
/// Where aio differs on purpose a comment says so.
class Conformance : public ::testing::Test, public aio::testing::LoopTest {
protected:
    Trace print;

    // A shell in the background has Ctrl-C ignored for whatever it starts, Python included.
    void SetUp() override { std::signal(SIGINT, SIG_DFL); }

    /// As asyncio.run(): runs the body, then ends the loop while what the body refers to still exists.
    template <class F, class... Args>
    auto run(F&& body, Args&&... args) {
        struct Finish {
            Conformance& test;
            ~Finish() { test.finish(); }
        } finish{*this};
        return LoopTest::run(std::forward<F>(body), std::forward<Args>(args)...);
    }

    /// The scenarios' report(): prints what reaches the exception handler, with its keys. Callback
    /// reports are shortened, because the callback's text differs between compilers.
    void report() { report(loop()); }
    void report(EventLoop& on) {
        on.set_exception_handler([this](EventLoop&, const ExceptionContext& context) {
            std::string message = context.message();
            if (message.starts_with("Exception in callback ")) message = "Exception in callback ...";
            std::string keys;
            for (const std::string& key : context.keys()) keys += (keys.empty() ? "'" : ", '") + key + "'";
            print("HANDLER:", message, "[" + keys + "]");
        });
    }

    void expect(std::string_view outcome) const { EXPECT_EQ(print.text(), outcome); }

    void TearDown() override {
        if (!IsSkipped()) compare_with_python_twin(print.text());
    }
};

/// repr() of an exception, for those that the scenarios print.
inline std::string repr(const std::exception_ptr& error) {
    try {
        if (!error) return "None";
        std::rethrow_exception(error);
    } catch (const ValueError& e) {
        return "ValueError('" + std::string(e.what()) + "')";
    } catch (const SystemExit& e) {
        return "SystemExit(" + std::to_string(e.code()) + ")";
    } catch (const CancelledError& e) {
        return "CancelledError('" + std::string(e.message()) + "')";
    } catch (const std::exception& e) {
        return "Exception('" + std::string(e.what()) + "')";
    } catch (...) {
        return "BaseException";
    }
}

/// args of a CancelledError.
inline std::string args(const CancelledError& error) {
    return error.has_message() ? "('" + std::string(error.message()) + "',)" : "()";
}

}  // namespace aio::tests
