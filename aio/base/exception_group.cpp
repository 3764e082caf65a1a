// SPDX-License-Identifier: MIT
#include <aio/base/exception_group.hpp>
#include <aio/base/log.hpp>

#include <algorithm>
#include <typeinfo>

namespace aio {
namespace {

using Errors = std::vector<std::exception_ptr>;

std::string plural(std::size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

bool is_ordinary(const std::exception_ptr& error) { return detail::is_exception<std::exception>(error); }

// The lines of Python's traceback module, with its limits.
class TreeWriter {
public:
    void write(const std::string& title, const Errors& errors) {
        if (depth_ > kDeepest) {
            text("... (max_group_depth is " + std::to_string(kDeepest) + ")");
        } else {
            text(title);
            members(errors);
        }
    }
    void write(const std::exception_ptr& error) {
        const auto* group = exception_ptr_cast<BaseExceptionGroup>(error);
        const std::string title =
            describe(error) + detail::causes_of(exception_ptr_cast<std::nested_exception>(error));
        if (group) {
            write(title, group->exceptions());
        } else {
            text(title);
        }
    }
    std::string take() { return std::move(out_); }

private:
    static constexpr std::size_t kWidest = 15;
    static constexpr std::size_t kDeepest = 10;

    std::string indent() const { return std::string(2 * depth_, ' '); }

    void text(const std::string& lines) {
        for (std::size_t begin = 0; begin <= lines.size();) {
            const std::size_t end = std::min(lines.find('\n', begin), lines.size());
            out_ += indent() + "| " + lines.substr(begin, end - begin) + "\n";
            begin = end + 1;
        }
    }

    void members(const Errors& errors) {
        const std::size_t shown = std::min(errors.size(), kWidest);
        for (std::size_t i = 0; i < shown; ++i) {
            begin_member(i == 0, std::to_string(i + 1));
            open_ = true;  // unless a member that is a group draws the last line
            write(errors[i]);
            if (i + 1 == errors.size()) end_members();
            --depth_;
        }
        if (shown == errors.size()) return;
        begin_member(false, "...");
        open_ = true;
        text("and " + plural(errors.size() - shown, "more exception"));
        end_members();
        --depth_;
    }
    void begin_member(bool first, const std::string& title) {
        out_ += indent() + (first ? "+-" : "  ") + "+---------------- " + title + " ----------------\n";
        ++depth_;
    }
    void end_members() {
        if (std::exchange(open_, false)) out_ += indent() + "+------------------------------------\n";
    }

    std::string out_;
    std::size_t depth_ = 1;
    bool open_ = false;
};

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
    std::string what = message + " (" + plural(exceptions.size(), "sub-exception") + ")";
    details_ =
        std::make_shared<const Details>(Details{std::move(message), std::move(what), std::move(exceptions)});
    detail::install_terminate_handler();
}

const std::string& BaseExceptionGroup::message() const noexcept { return details_->message; }
const Errors& BaseExceptionGroup::exceptions() const noexcept { return details_->exceptions; }
const char* BaseExceptionGroup::what() const noexcept { return details_->what.c_str(); }

std::string BaseExceptionGroup::tree() const {
    TreeWriter writer;
    const std::string causes = detail::causes_of(dynamic_cast<const std::nested_exception*>(this));
    writer.write(type_name(typeid(*this)) + ": " + what() + causes, exceptions());
    return writer.take();
}

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
