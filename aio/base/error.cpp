// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/base/exception_group.hpp>
#include <aio/base/log.hpp>
#include <aio/base/ref.hpp>
#include <aio/base/traceback.hpp>
#include <aio/base/unique_function.hpp>

#include <cxxabi.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <typeinfo>

namespace aio {
namespace {

std::terminate_handler previous_terminate = nullptr;

void print_unhandled(const std::exception_ptr& error) noexcept {
    try {
        const std::string text = format_exception(error);
        // One line of a std::exception is what the runtime says, too.
        if (text.find('\n') == text.npos && exception_ptr_cast<std::exception>(error)) return;
        std::fprintf(stderr, "%s\n", text.c_str());
    } catch (...) {  // out of memory
    }
}

// Python ends quietly when SystemExit or KeyboardInterrupt leaves main; the C++ runtime would abort.
[[noreturn]] void on_terminate() {
    if (const std::exception_ptr error = std::current_exception()) {
        try {
            std::rethrow_exception(error);
        } catch (const SystemExit& e) {
            std::exit(e.code());
        } catch (const KeyboardInterrupt&) {
            std::fflush(nullptr);
            std::signal(SIGINT, SIG_DFL);
            std::raise(SIGINT);
            std::_Exit(130);  // only if SIGINT is blocked
        } catch (...) {
            print_unhandled(error);
        }
    }
    if (previous_terminate) previous_terminate();
    std::abort();
}

std::string incomplete_message(std::size_t partial, std::optional<std::size_t> expected) {
    return std::to_string(partial) + " bytes read on a total of " +
           (expected ? std::to_string(*expected) : std::string("undefined")) + " expected bytes";
}

// ETIMEDOUT without the system's text for it, "Connection timed out": most limits are not a connection's.
class TimeLimitCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "time limit"; }
    std::string message(int) const override { return "timed out"; }
    std::error_condition default_error_condition(int error) const noexcept override {
        return {error, std::generic_category()};
    }
};

const std::error_category& time_limit_category() noexcept {
    static const TimeLimitCategory category;
    return category;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += by.size())
        text.replace(at, what.size(), by);
}

// Where the template argument that begins at `begin` ends.
std::size_t argument_end(std::string_view text, std::size_t begin) noexcept {
    int depth = 0;
    for (std::size_t i = begin; i < text.size(); ++i) {
        if (text[i] == '<' || text[i] == '(') ++depth;
        if ((text[i] == '>' || text[i] == ')') && --depth < 0) return i;
        if (text[i] == ',' && depth == 0) return i;
    }
    return text.size();
}

// A type as its user writes it: without what the standard library adds, or names otherwise.
std::string plain_name(std::string name) {
    replace_all(name, "std::__cxx11::", "std::");
    for (const std::string_view added :
         {", std::char_traits<", ", std::allocator<", ", std::default_delete<"}) {
        for (std::size_t at = 0; (at = name.find(added, at)) != name.npos;)
            name.erase(at, argument_end(name, at + 1) - at);
    }
    replace_all(name, " >", ">");
    replace_all(name, "std::basic_string<char>", "std::string");
    replace_all(name, "std::basic_string_view<char>", "std::string_view");
    // What std::throw_with_nested() makes of a type.
    constexpr std::string_view kNested = "std::_Nested_exception<";
    if (name.starts_with(kNested)) name = name.substr(kNested.size(), name.size() - kNested.size() - 1);
    return name;
}

const std::type_info* type_of(const std::exception_ptr& error) noexcept {
    return error ? error.__cxa_exception_type() : nullptr;
}

}  // namespace

CancelledError::CancelledError(std::string message)
    : message_(std::make_shared<const std::string>(std::move(message))) {}

ExitException::~ExitException() = default;
KeyboardInterrupt::KeyboardInterrupt() noexcept { detail::install_terminate_handler(); }
SystemExit::SystemExit(int code) noexcept : code_(code) { detail::install_terminate_handler(); }

OSError::OSError(const std::string& text)
    : std::system_error(std::error_code()), text_(std::make_shared<const std::string>(text)) {}
const char* OSError::what() const noexcept { return text_ ? text_->c_str() : std::system_error::what(); }

TimeoutError::TimeoutError() : OSError(std::error_code(ETIMEDOUT, time_limit_category())) {}
TimeoutError::TimeoutError(const std::string& what)
    : OSError(std::error_code(ETIMEDOUT, time_limit_category()), what) {}

IncompleteReadError::IncompleteReadError(std::string partial, std::optional<std::size_t> expected)
    : EOFError(incomplete_message(partial.size(), expected)),
      partial_(std::make_shared<const std::string>(std::move(partial))),
      expected_(expected) {}

void raise_os_error(int error, const std::string& operation) {
    switch (error) {
        case EAGAIN:
        case EALREADY:
        case EINPROGRESS:
            throw BlockingIOError(error, operation);
        case EPIPE:
        case ESHUTDOWN:
            throw BrokenPipeError(error, operation);
        case ECONNABORTED:
            throw ConnectionAbortedError(error, operation);
        case ECONNREFUSED:
            throw ConnectionRefusedError(error, operation);
        case ECONNRESET:
            throw ConnectionResetError(error, operation);
        case ECHILD:
            throw ChildProcessError(error, operation);
        case EEXIST:
            throw FileExistsError(error, operation);
        case ENOENT:
            throw FileNotFoundError(error, operation);
        case EINTR:
            throw InterruptedError(error, operation);
        case EISDIR:
            throw IsADirectoryError(error, operation);
        case ENOTDIR:
            throw NotADirectoryError(error, operation);
        case EACCES:
        case EPERM:
            throw PermissionError(error, operation);
        case ESRCH:
            throw ProcessLookupError(error, operation);
        case ETIMEDOUT:
            throw TimeoutError(error, operation);
        default:
            throw OSError(error, operation);
    }
}

std::exception_ptr make_os_error(int error, const std::string& operation) {
    try {
        raise_os_error(error, operation);
    } catch (...) {
        return std::current_exception();
    }
}

std::string type_name(const std::exception_ptr& error) {
    const std::type_info* type = type_of(error);
    return type ? type_name(*type) : "unknown exception";
}

std::string type_name(const std::type_info& type) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> demangled(
        abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
    return plain_name(status == 0 && demangled ? demangled.get() : type.name());
}

namespace detail {

void install_terminate_handler() noexcept {
    static std::once_flag once;
    std::call_once(once, [] { previous_terminate = std::set_terminate(on_terminate); });
}

void raise_no_exception() { throw TypeError("invalid exception object: the exception_ptr is null"); }

std::exception_ptr exception_or_type_error(std::exception_ptr error) noexcept {
    try {
        check_exception(error);
        return error;
    } catch (...) {
        return std::current_exception();
    }
}

void raise_empty_handle(const char* call) { throw RuntimeError(std::string(call) + " on an empty handle"); }

void raise_empty_function() { throw TypeError("an empty function was called"); }

// What a catch clause asks, without throwing.
bool is_exit_exception(const std::exception_ptr& error) noexcept {
    const std::type_info* type = type_of(error);
    void* object = object_of(error);
    return type && typeid(ExitException).__do_catch(type, &object, 1);
}
bool is_cancelled_error(const std::exception_ptr& error) noexcept {
    const std::type_info* type = type_of(error);
    return type && *type == typeid(CancelledError);
}
// libstdc++'s exception_ptr is one pointer, to the object.
void* object_of(const std::exception_ptr& error) noexcept {
    static_assert(sizeof(std::exception_ptr) == sizeof(void*));
    void* object = nullptr;
    std::memcpy(&object, static_cast<const void*>(&error), sizeof(void*));
    return object;
}
CancelledError to_cancelled_error(const std::exception_ptr& error) noexcept {
    if (!error) return CancelledError();
    return *static_cast<const CancelledError*>(object_of(error));
}
bool handling_exit_exception() noexcept { return is_exit_exception(std::current_exception()); }
bool handling_cancelled_error() noexcept {
    const std::type_info* type = abi::__cxa_current_exception_type();
    return type && *type == typeid(CancelledError);
}

}  // namespace detail
}  // namespace aio
