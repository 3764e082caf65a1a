// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <typeinfo>
#include <utility>

/// The exceptions of asyncio and of the Python core that its users meet.
///
/// As in Python, what ends a task or a program on purpose is not an ordinary error:
/// `CancelledError`, `ExitException` (`KeyboardInterrupt`, `SystemExit`) and `GeneratorExit` do not derive
/// from std::exception, so `catch (const std::exception&)` means `except Exception`.
namespace aio {

/// Raised at the await of a task that was cancelled. Mirrors asyncio.CancelledError.
class CancelledError final {
public:
    CancelledError() noexcept = default;
    explicit CancelledError(std::string message);
    explicit CancelledError(std::shared_ptr<const std::string> message) noexcept
        : message_(std::move(message)) {}

    /// Whether cancel() was given a message (Python: whether args is not empty).
    bool has_message() const noexcept { return message_ != nullptr; }
    /// The message of cancel(), empty if there was none.
    std::string_view message() const noexcept {
        return message_ ? std::string_view(*message_) : std::string_view();
    }
    const std::shared_ptr<const std::string>& shared_message() const noexcept { return message_; }

private:
    std::shared_ptr<const std::string> message_;
};

/// What leaves the loop at once, whoever throws it: a callback, a task, a protocol, an exception handler. In
/// asyncio that are KeyboardInterrupt and SystemExit; a program or a binding may derive others. Uncaught, one
/// ends the process as any error does.
class ExitException {
public:
    virtual ~ExitException();
    /// For people; may be empty.
    virtual const char* what() const noexcept { return ""; }

protected:
    ExitException() noexcept = default;
    ExitException(const ExitException&) noexcept = default;
    ExitException& operator=(const ExitException&) noexcept = default;
};

/// Ctrl-C, as run() and Runner::run() raise it. Left uncaught it ends the process by SIGINT, as in
/// Python: no core file, exit status 130 in a shell.
class KeyboardInterrupt final : public ExitException {
public:
    KeyboardInterrupt() noexcept;
};

/// Asks the program to end: unwinds out of the loop at once. Left uncaught it ends the process
/// with exit status `code`. Mirrors SystemExit.
class SystemExit final : public ExitException {
public:
    explicit SystemExit(int code = 0) noexcept;
    int code() const noexcept { return code_; }

private:
    int code_;
};

/// Raised at the co_yield of a generator that is closed before its end. Mirrors GeneratorExit.
class GeneratorExit final {};

class RuntimeError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class ValueError : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

class TypeError : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

class LookupError : public std::out_of_range {
public:
    using std::out_of_range::out_of_range;
};

class EOFError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A future is not in the state the call needs. Mirrors asyncio.InvalidStateError.
class InvalidStateError : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// An operating system call failed; `code()` holds errno, `what()` the operation, the peer and the cause.
class OSError : public std::system_error {
public:
    OSError(int error, const std::string& operation)
        : std::system_error(error, std::system_category(), operation) {}
    /// An error of the program's own: what() is `text`, and there is no errno.
    explicit OSError(const std::string& text);
    /// The errno value; 0 where there is none, as Python's None.
    int error_number() const noexcept { return code().value(); }
    const char* what() const noexcept override;

protected:
    /// For errors that have numbers or texts of their own (gaierror, TimeoutError).
    OSError(const std::error_code& code, const std::string& operation) : std::system_error(code, operation) {}
    explicit OSError(const std::error_code& code) : std::system_error(code) {}

private:
    std::shared_ptr<const std::string> text_;
};

/// A time limit passed. One type for all layers; an OSError, as in Python.
class TimeoutError : public OSError {
public:
    /// "timed out", and `what` before it. error_number() is ETIMEDOUT.
    TimeoutError();
    explicit TimeoutError(const std::string& what);
    using OSError::OSError;
};

class BlockingIOError : public OSError {
public:
    using OSError::OSError;
};
class ChildProcessError : public OSError {
public:
    using OSError::OSError;
};
class FileExistsError : public OSError {
public:
    using OSError::OSError;
};
class FileNotFoundError : public OSError {
public:
    using OSError::OSError;
};
class InterruptedError : public OSError {
public:
    using OSError::OSError;
};
class IsADirectoryError : public OSError {
public:
    using OSError::OSError;
};
class NotADirectoryError : public OSError {
public:
    using OSError::OSError;
};
class PermissionError : public OSError {
public:
    using OSError::OSError;
};
class ProcessLookupError : public OSError {
public:
    using OSError::OSError;
};

/// Base of what a broken connection raises.
class ConnectionError : public OSError {
public:
    using OSError::OSError;
};
class BrokenPipeError : public ConnectionError {
public:
    using ConnectionError::ConnectionError;
};
class ConnectionAbortedError : public ConnectionError {
public:
    using ConnectionError::ConnectionError;
};
class ConnectionRefusedError : public ConnectionError {
public:
    using ConnectionError::ConnectionError;
};
class ConnectionResetError : public ConnectionError {
public:
    using ConnectionError::ConnectionError;
};

/// The stream ended before what was asked for had arrived. Mirrors asyncio.IncompleteReadError.
class IncompleteReadError : public EOFError {
public:
    IncompleteReadError(std::string partial, std::optional<std::size_t> expected);
    /// What was read before the end.
    const std::string& partial() const noexcept { return *partial_; }
    /// How many bytes were wanted; none where a separator was looked for.
    std::optional<std::size_t> expected() const noexcept { return expected_; }

private:
    std::shared_ptr<const std::string> partial_;
    std::optional<std::size_t> expected_;
};

/// A separator was not found within the reader's limit. Mirrors asyncio.LimitOverrunError.
class LimitOverrunError : public std::runtime_error {
public:
    LimitOverrunError(const std::string& what, std::size_t consumed)
        : std::runtime_error(what), consumed_(consumed) {}
    /// Bytes that can be skipped without losing a separator's beginning.
    std::size_t consumed() const noexcept { return consumed_; }

private:
    std::size_t consumed_;
};

/// Throws the OSError subclass that Python has for errno value `error`.
[[noreturn]] void raise_os_error(int error, const std::string& operation);

/// The same as an object, for completing futures.
std::exception_ptr make_os_error(int error, const std::string& operation);

/// The E that `error` holds, or null if it holds something else: isinstance(). The pointer is valid as long
/// as `error` is. As std::exception_ptr_cast of C++26.
template <class E>
const E* exception_ptr_cast(const std::exception_ptr& error) noexcept {
    static_assert(!std::is_pointer_v<E>, "a pointer that was thrown can only be caught, as a copy");
    if (!error) return nullptr;
    try {
        std::rethrow_exception(error);
    } catch (const E& held) {
        return &held;
    } catch (...) {
        return nullptr;
    }
}

/// Name of the exception's type as C++ spells it, for messages; without what std::throw_with_nested() adds.
std::string type_name(const std::exception_ptr& error);
/// The same for any type.
std::string type_name(const std::type_info& type);

namespace detail {
/// Whether `error` is an ExitException, which unwinds out of the loop.
bool is_exit_exception(const std::exception_ptr& error) noexcept;
bool is_cancelled_error(const std::exception_ptr& error) noexcept;
/// The same of the exception that is being handled; for use inside a catch block.
bool handling_exit_exception() noexcept;
bool handling_cancelled_error() noexcept;
/// The object that was thrown; null for none.
void* object_of(const std::exception_ptr& error) noexcept;
/// A copy of the CancelledError that `error` holds; one without a message if it is null. `throw` with it
/// costs less than std::rethrow_exception(), which also unwinds the frame that calls it.
CancelledError to_cancelled_error(const std::exception_ptr& error) noexcept;
/// Throws TypeError if `error` is null, as Python for what is no exception.
[[noreturn]] void raise_no_exception();
inline void check_exception(const std::exception_ptr& error) {
    if (!error) [[unlikely]]
        raise_no_exception();
}
/// The same for those who cannot throw: the error, or such a TypeError in its place.
std::exception_ptr exception_or_type_error(std::exception_ptr error) noexcept;
/// From now on what ends the process uncaught says more than the C++ runtime does.
void install_terminate_handler() noexcept;
}  // namespace detail

}  // namespace aio
