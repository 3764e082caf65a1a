// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>

#include <gtest/gtest.h>
#include <cerrno>
#include <csignal>
#include <exception>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <support/child.hpp>
#include <support/trace.hpp>
#include <system_error>
#include <type_traits>
#include <vector>

namespace aio {
namespace {

using tests::run_in_child;
using tests::thrown;

// "except Exception" does not see what ends a task or a program on purpose.
static_assert(!std::is_base_of_v<std::exception, CancelledError>);
static_assert(!std::is_base_of_v<std::exception, KeyboardInterrupt>);
static_assert(!std::is_base_of_v<std::exception, SystemExit>);
static_assert(!std::is_base_of_v<std::exception, GeneratorExit>);
static_assert(std::is_nothrow_copy_constructible_v<CancelledError>, "it is thrown again and again");

static_assert(std::is_base_of_v<std::runtime_error, RuntimeError>);
static_assert(std::is_base_of_v<std::invalid_argument, ValueError>);
static_assert(std::is_base_of_v<std::invalid_argument, TypeError>);
static_assert(std::is_base_of_v<std::out_of_range, LookupError>);
static_assert(std::is_base_of_v<std::logic_error, InvalidStateError>);
static_assert(std::is_base_of_v<std::system_error, OSError>);
static_assert(std::is_base_of_v<OSError, TimeoutError>, "S29: one TimeoutError, which is an OSError");
static_assert(std::is_base_of_v<OSError, ConnectionError>);
static_assert(std::is_base_of_v<ConnectionError, BrokenPipeError>);
static_assert(std::is_base_of_v<ConnectionError, ConnectionAbortedError>);
static_assert(std::is_base_of_v<ConnectionError, ConnectionRefusedError>);
static_assert(std::is_base_of_v<ConnectionError, ConnectionResetError>);
static_assert(std::is_base_of_v<EOFError, IncompleteReadError>);

template <class E>
std::string raised(int error) {
    return thrown<E>([error] { raise_os_error(error, "connect to [::1]:80"); });
}

TEST(OSError, SaysOperationAndCause) {
    const OSError error(ECONNREFUSED, "connect to [::1]:3306");
    EXPECT_STREQ(error.what(), "connect to [::1]:3306: Connection refused");
    EXPECT_EQ(error.error_number(), ECONNREFUSED);
    EXPECT_EQ(error.code(), std::errc::connection_refused);
}

TEST(OSError, EveryErrnoHasItsPythonType) {
    EXPECT_EQ(raised<BlockingIOError>(EAGAIN), "connect to [::1]:80: Resource temporarily unavailable");
    EXPECT_NE(raised<BlockingIOError>(EALREADY), "another exception");
    EXPECT_NE(raised<BlockingIOError>(EINPROGRESS), "another exception");
    EXPECT_NE(raised<BrokenPipeError>(EPIPE), "another exception");
    EXPECT_NE(raised<BrokenPipeError>(ESHUTDOWN), "another exception");
    EXPECT_NE(raised<ConnectionAbortedError>(ECONNABORTED), "another exception");
    EXPECT_NE(raised<ConnectionRefusedError>(ECONNREFUSED), "another exception");
    EXPECT_NE(raised<ConnectionResetError>(ECONNRESET), "another exception");
    EXPECT_NE(raised<ChildProcessError>(ECHILD), "another exception");
    EXPECT_NE(raised<FileExistsError>(EEXIST), "another exception");
    EXPECT_NE(raised<FileNotFoundError>(ENOENT), "another exception");
    EXPECT_NE(raised<InterruptedError>(EINTR), "another exception");
    EXPECT_NE(raised<IsADirectoryError>(EISDIR), "another exception");
    EXPECT_NE(raised<NotADirectoryError>(ENOTDIR), "another exception");
    EXPECT_NE(raised<PermissionError>(EACCES), "another exception");
    EXPECT_NE(raised<PermissionError>(EPERM), "another exception");
    EXPECT_NE(raised<ProcessLookupError>(ESRCH), "another exception");
    EXPECT_NE(raised<TimeoutError>(ETIMEDOUT), "another exception");
    EXPECT_EQ(raised<ConnectionError>(EHOSTUNREACH), "another exception");
    EXPECT_EQ(raised<OSError>(EHOSTUNREACH), "connect to [::1]:80: No route to host");
}

TEST(OSError, MakeGivesWhatRaiseThrows) {
    const std::exception_ptr error = make_os_error(ECONNRESET, "read");
    EXPECT_EQ(type_name(error), "aio::ConnectionResetError");
    EXPECT_EQ(thrown<ConnectionResetError>([&] { std::rethrow_exception(error); }),
              "read: Connection reset by peer");
}

template <class E>
void expect_text_alone() {
    const E error("peer is gone");
    EXPECT_STREQ(error.what(), "peer is gone");
    EXPECT_EQ(error.error_number(), 0);
    const E copy = error;  // NOLINT(performance-unnecessary-copy-initialization)
    EXPECT_STREQ(copy.what(), "peer is gone");
    EXPECT_EQ(thrown<OSError>([] { throw E("as an OSError"); }), "as an OSError");
    EXPECT_EQ(thrown<std::exception>([] { throw E(std::string("as any error")); }), "as any error");
    EXPECT_STREQ(E(ECONNRESET, "read").what(), "read: Connection reset by peer");
}

TEST(OSError, OfEveryKindMayBeATextAlone) {
    expect_text_alone<OSError>();
    expect_text_alone<BlockingIOError>();
    expect_text_alone<ChildProcessError>();
    expect_text_alone<FileExistsError>();
    expect_text_alone<FileNotFoundError>();
    expect_text_alone<InterruptedError>();
    expect_text_alone<IsADirectoryError>();
    expect_text_alone<NotADirectoryError>();
    expect_text_alone<PermissionError>();
    expect_text_alone<ProcessLookupError>();
    expect_text_alone<ConnectionError>();
    expect_text_alone<BrokenPipeError>();
    expect_text_alone<ConnectionAbortedError>();
    expect_text_alone<ConnectionRefusedError>();
    expect_text_alone<ConnectionResetError>();
    static_assert(std::is_nothrow_copy_constructible_v<ConnectionResetError>);
}

TEST(TimeoutError, HasATextOfItsOwn) {
    EXPECT_STREQ(TimeoutError().what(), "timed out");
    EXPECT_STREQ(TimeoutError("reading the header").what(), "reading the header: timed out");
    EXPECT_EQ(TimeoutError().error_number(), ETIMEDOUT);
    EXPECT_EQ(TimeoutError().code(), std::errc::timed_out);
}

TEST(CancelledError, KnowsWhetherItHasAMessage) {
    EXPECT_FALSE(CancelledError().has_message());
    EXPECT_EQ(CancelledError().message(), "");
    EXPECT_TRUE(CancelledError("").has_message());
    const CancelledError one("shutdown");
    const CancelledError copy = one;  // NOLINT(performance-unnecessary-copy-initialization)
    EXPECT_EQ(copy.message(), "shutdown");
    EXPECT_EQ(copy.shared_message(), one.shared_message());
}

TEST(CancelledError, IsCopiedOutOfAnExceptionPtr) {
    EXPECT_FALSE(detail::to_cancelled_error(nullptr).has_message());
    EXPECT_FALSE(detail::to_cancelled_error(std::make_exception_ptr(CancelledError())).has_message());
    CancelledError copy;
    {
        const std::exception_ptr thrown = [] {
            try {
                throw CancelledError("why");
            } catch (...) {
                return std::current_exception();
            }
        }();
        copy = detail::to_cancelled_error(thrown);
    }
    EXPECT_EQ(copy.message(), "why");
}

TEST(IncompleteReadError, CarriesWhatWasRead) {
    const IncompleteReadError some("abc", 10);
    EXPECT_EQ(some.partial(), "abc");
    EXPECT_EQ(some.expected(), 10U);
    EXPECT_STREQ(some.what(), "3 bytes read on a total of 10 expected bytes");
    EXPECT_STREQ(IncompleteReadError("", std::nullopt).what(),
                 "0 bytes read on a total of undefined expected bytes");
}

TEST(LimitOverrunError, SaysHowMuchMayBeSkipped) {
    const LimitOverrunError error("Separator is not found, and chunk exceed the limit", 65536);
    EXPECT_EQ(error.consumed(), 65536U);
    EXPECT_STREQ(error.what(), "Separator is not found, and chunk exceed the limit");
}

TEST(ErrorType, IsNamedAsInTheSource) {
    EXPECT_EQ(type_name(std::make_exception_ptr(ValueError("x"))), "aio::ValueError");
    EXPECT_EQ(type_name(std::make_exception_ptr(42)), "int");
    EXPECT_EQ(type_name(nullptr), "unknown exception");
    EXPECT_EQ(type_name(typeid(std::vector<std::string>)), "std::vector<std::string>");
    EXPECT_EQ(type_name(typeid(std::map<std::string_view, std::vector<std::unique_ptr<int>>>)),
              "std::map<std::string_view, std::vector<std::unique_ptr<int>>, std::less<std::string_view>>");
    EXPECT_EQ(type_name(typeid(std::basic_string<char16_t>)), "std::basic_string<char16_t>");
}

TEST(ErrorType, ExitsAndCancellationAreToldApart) {
    const auto exit = std::make_exception_ptr(SystemExit(1));
    const auto interrupt = std::make_exception_ptr(KeyboardInterrupt());
    const auto cancelled = std::make_exception_ptr(CancelledError());
    EXPECT_TRUE(detail::is_exit_exception(exit));
    EXPECT_TRUE(detail::is_exit_exception(interrupt));
    EXPECT_FALSE(detail::is_exit_exception(cancelled));
    EXPECT_FALSE(detail::is_exit_exception(nullptr));
    EXPECT_TRUE(detail::is_cancelled_error(cancelled));
    EXPECT_FALSE(detail::is_cancelled_error(exit));
    EXPECT_FALSE(detail::is_cancelled_error(nullptr));
    try {
        throw SystemExit(1);
    } catch (...) {
        EXPECT_TRUE(detail::handling_exit_exception());
        EXPECT_FALSE(detail::handling_cancelled_error());
    }
}

TEST(Uncaught, SystemExitEndsTheProcessWithItsCode) {
    EXPECT_EQ(run_in_child([] { throw SystemExit(3); }), "exit 3");
    EXPECT_EQ(run_in_child([] { throw SystemExit(); }), "exit 0");
}

TEST(Uncaught, KeyboardInterruptEndsTheProcessBySigint) {
    EXPECT_EQ(run_in_child([] { throw KeyboardInterrupt(); }), "signal " + std::to_string(SIGINT));
}

TEST(Uncaught, EverythingElseAbortsAsEver) {
    EXPECT_EQ(run_in_child([] {
                  try {
                      throw SystemExit(3);  // our handler is installed now
                  } catch (const SystemExit&) {
                  }
                  throw ValueError("x");
              }),
              "signal " + std::to_string(SIGABRT));
}

}  // namespace
}  // namespace aio
