// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/detail/requirements.hpp>

#include <any>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio {

/// What call_exception_handler() is told: a message and named details, under asyncio's keys
/// (message, exception, future, task, handle, protocol, transport, socket, asyncgen,
/// source_traceback, handle_traceback).
class ExceptionContext {
public:
    explicit ExceptionContext(std::string message) : message_(std::move(message)) {}

    /// Adds the error that happened.
    ExceptionContext& exception(std::exception_ptr error) & {
        exception_ = std::move(error);
        return *this;
    }
    ExceptionContext&& exception(std::exception_ptr error) && AIO_LIFETIME_BOUND {
        return std::move(exception(std::move(error)));
    }
    /// Adds an object under `key`, replacing an earlier one: the value for programs, `text` for people.
    ExceptionContext& set(std::string key, std::any value, std::string text) &;
    ExceptionContext&& set(std::string key, std::any value, std::string text) && AIO_LIFETIME_BOUND {
        return std::move(set(std::move(key), std::move(value), std::move(text)));
    }

    const std::string& message() const noexcept { return message_; }
    /// The error; null where there is none.
    const std::exception_ptr& exception() const noexcept { return exception_; }
    bool contains(std::string_view key) const;
    /// Every key that is present except "message", sorted.
    std::vector<std::string> keys() const;
    /// Text form of the detail, empty if it is absent.
    std::string text(std::string_view key) const;

    /// The object under `key`, or null if it is absent or of another type.
    template <class T>
    const T* get(std::string_view key) const {
        const Detail* detail = find(key);
        return detail ? std::any_cast<T>(&detail->value) : nullptr;
    }

    /// The whole report, as the default handler logs it.
    std::string str() const;

private:
    struct Detail {
        std::string key;
        std::any value;
        std::string text;
    };
    const Detail* find(std::string_view key) const;
    std::string message_;
    std::exception_ptr exception_;
    std::vector<Detail> details_;  // sorted by key
};

}  // namespace aio
