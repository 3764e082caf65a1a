// SPDX-License-Identifier: MIT
#include <aio/base/exception_group.hpp>
#include <aio/base/log.hpp>

#include <algorithm>
#include <typeinfo>

namespace aio {
namespace {

using Errors = std::vector<std::exception_ptr>;

std::string counted(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " sub-exception" : " sub-exceptions");
}

bool is_ordinary(const std::exception_ptr& error) { return detail::is_exception<std::exception>(error); }

void collect_leaves(const std::exception_ptr& error, Errors& leaves) {
    if (const auto* group = exception_ptr_cast<BaseExceptionGroup>(error)) {
        for (const std::exception_ptr& member : group->exceptions()) collect_leaves(member, leaves);
    } else {
        leaves.push_back(error);
    }
}

}  // namespace

struct BaseExceptionGroup::Details {
    std::string message;
    std::string what;
    Errors exceptions;
};

BaseExceptionGroup::BaseExceptionGroup(std::string message, Errors exceptions) {
    if (exceptions.empty()) throw ValueError("an exception group needs at least one exception");
    const auto none = std::ranges::find(exceptions, nullptr);
    if (none != exceptions.end()) {
        throw ValueError("Item " + std::to_string(none - exceptions.begin()) +
                         " of second argument (exceptions) is not an exception");
    }
    std::string what = message + " (" + counted(exceptions.size()) + ")";
    details_ =
        std::make_shared<const Details>(Details{std::move(message), std::move(what), std::move(exceptions)});
    detail::install_terminate_handler();
}

const std::string& BaseExceptionGroup::message() const noexcept { return details_->message; }
const Errors& BaseExceptionGroup::exceptions() const noexcept { return details_->exceptions; }
const char* BaseExceptionGroup::what() const noexcept { return details_->what.c_str(); }

ExceptionSplit BaseExceptionGroup::split_by(detail::ExceptionFilter matches) const {
    return detail::split_error(derive(exceptions()), matches);
}

std::exception_ptr BaseExceptionGroup::derive(Errors exceptions) const {
    return make_exception_group(message(), std::move(exceptions));
}

ExceptionGroup::ExceptionGroup(std::string message, Errors exceptions)
    : BaseExceptionGroup(std::move(message), std::move(exceptions)) {
    if (!std::ranges::all_of(this->exceptions(), is_ordinary)) {
        throw TypeError("Cannot nest BaseExceptions in an ExceptionGroup");
    }
}

std::exception_ptr make_exception_group(std::string message, Errors exceptions) {
    if (std::ranges::all_of(exceptions, is_ordinary)) {
        return std::make_exception_ptr(ExceptionGroup(std::move(message), std::move(exceptions)));
    }
    return std::make_exception_ptr(BaseExceptionGroup(std::move(message), std::move(exceptions)));
}

namespace detail {

ExceptionSplit split_error(const std::exception_ptr& error, ExceptionFilter matches) {
    if (matches(error)) return {error, nullptr};
    const auto* group = exception_ptr_cast<BaseExceptionGroup>(error);
    if (!group) return {nullptr, error};
    Errors match;
    Errors rest;
    for (const std::exception_ptr& member : group->exceptions()) {
        ExceptionSplit parts = split_error(member, matches);
        if (parts.match) match.push_back(std::move(parts.match));
        if (parts.rest) rest.push_back(std::move(parts.rest));
    }
    ExceptionSplit split;
    if (!match.empty()) split.match = group->derive(std::move(match));
    if (!rest.empty()) split.rest = group->derive(std::move(rest));
    return split;
}

ExceptStar::ExceptStar(std::exception_ptr error) : original_(std::move(error)), rest_(original_) {
    if (!original_) throw RuntimeError("No active exception to handle");
}

std::exception_ptr ExceptStar::take(ExceptionFilter matches) {
    if (!rest_) return nullptr;
    ExceptionSplit parts = split_error(rest_, matches);
    if (!parts.match) return nullptr;
    rest_ = std::move(parts.rest);
    if (is_exception<BaseExceptionGroup>(parts.match)) return parts.match;
    return make_exception_group("", {parts.match});
}

void ExceptStar::clause_failed(const std::exception_ptr& match, std::exception_ptr thrown) {
    (thrown == match ? kept_ : raised_).push_back(std::move(thrown));
}

void ExceptStar::finish() {
    // What is thrown again, and what nobody took, has the places in the group that it had before.
    std::exception_ptr again = rest_;
    if (!kept_.empty()) {
        if (is_exception<BaseExceptionGroup>(original_)) {
            Errors leaves;
            for (const std::exception_ptr& part : kept_) collect_leaves(part, leaves);
            if (rest_) collect_leaves(rest_, leaves);
            auto among_them = [&](const std::exception_ptr& error) {
                return std::ranges::find(leaves, error) != leaves.end();
            };
            again = split_error(original_, ExceptionFilter(among_them)).match;
        } else {
            again = kept_.front();
        }
    }
    if (raised_.empty()) {
        if (again) std::rethrow_exception(again);
        return;
    }
    if (again) raised_.push_back(std::move(again));
    if (raised_.size() == 1) std::rethrow_exception(raised_.front());
    std::rethrow_exception(make_exception_group("", std::move(raised_)));
}

}  // namespace detail
}  // namespace aio
