// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>

#include <concepts>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio {

/// The two parts of an error that was split; null where a part is empty.
struct ExceptionSplit {
    std::exception_ptr match;
    std::exception_ptr rest;
};

namespace detail {

/// A predicate of somebody else, without its type.
class ExceptionFilter {
public:
    template <class F>
    explicit ExceptionFilter(F& matches) noexcept
        : object_(&matches), call_([](void* object, const std::exception_ptr& error) -> bool {
              return (*static_cast<F*>(object))(error);
          }) {}
    bool operator()(const std::exception_ptr& error) const { return call_(object_, error); }

private:
    void* object_;
    bool (*call_)(void*, const std::exception_ptr&);
};

/// Whether `error` holds one of the types E.
template <class... E>
bool is_exception(const std::exception_ptr& error) {
    return (exception_ptr_cast<E>(error) || ...);
}

/// Splits a group, or an error that is none, which goes to one side as a whole.
ExceptionSplit split_error(const std::exception_ptr& error, ExceptionFilter matches);

}  // namespace detail

/// Several errors that happened side by side, with any kind of error among them, also CancelledError and
/// KeyboardInterrupt. Mirrors BaseExceptionGroup.
///
/// It is no std::exception, so that `catch (const std::exception&)` keeps meaning `except Exception`; its
/// subclass ExceptionGroup is one. `catch (const BaseExceptionGroup&)` catches both;
/// make_exception_group() makes the right one.
class BaseExceptionGroup {
public:
    /// Throws ValueError if there are no exceptions, or if one of them is null.
    BaseExceptionGroup(std::string message, std::vector<std::exception_ptr> exceptions);
    BaseExceptionGroup(const BaseExceptionGroup&) noexcept = default;
    BaseExceptionGroup& operator=(const BaseExceptionGroup&) noexcept = default;
    virtual ~BaseExceptionGroup() = default;

    /// The text without the count that what() adds.
    const std::string& message() const noexcept;
    /// The errors, in the order in which they happened; at least one, groups among them as they are.
    const std::vector<std::exception_ptr>& exceptions() const noexcept;

    /// One line, as Python's str(): "message (2 sub-exceptions)".
    virtual const char* what() const noexcept;
    /// Every error in it on lines of its own, nested as Python's traceback shows it. What the default
    /// exception handler logs, and what a group that ends the program leaves on stderr.
    std::string tree() const;

    /// The errors, at any depth, that are of one of the types E, and the others, each as a group of the same
    /// shape and message. Nothing is lost and nothing is doubled.
    template <class... E>
        requires(sizeof...(E) > 0)
    ExceptionSplit split() const {
        return split(&detail::is_exception<E...>);
    }
    /// The same for errors for which `matches(const std::exception_ptr&)` holds. It is asked about groups
    /// first, and one that matches is taken whole.
    template <class F>
        requires std::predicate<F&, const std::exception_ptr&>
    ExceptionSplit split(F matches) const {
        return split_by(detail::ExceptionFilter(matches));
    }
    /// Only the part that matches; null if there is none.
    template <class... E>
        requires(sizeof...(E) > 0)
    std::exception_ptr subgroup() const {
        return split<E...>().match;
    }
    template <class F>
        requires std::predicate<F&, const std::exception_ptr&>
    std::exception_ptr subgroup(F matches) const {
        return split(std::move(matches)).match;
    }

    /// A group of the same kind with other errors, which split() makes its parts with. Subclasses override
    /// it to keep their type; without that the parts are what make_exception_group() gives.
    virtual std::exception_ptr derive(std::vector<std::exception_ptr> exceptions) const;

private:
    ExceptionSplit split_by(detail::ExceptionFilter matches) const;

    struct Details;
    std::shared_ptr<const Details> details_;  // copying an exception must not throw
};

/// A group of ordinary errors: those that derive from std::exception. Mirrors ExceptionGroup.
class ExceptionGroup : public BaseExceptionGroup, public std::exception {
public:
    /// Throws ValueError if there are no exceptions, TypeError if one of them is not a std::exception.
    ExceptionGroup(std::string message, std::vector<std::exception_ptr> exceptions);
    const char* what() const noexcept override { return BaseExceptionGroup::what(); }
};

/// An ExceptionGroup if all errors derive from std::exception, else a BaseExceptionGroup. Throws
/// ValueError if there are none. Mirrors calling BaseExceptionGroup in Python.
std::exception_ptr make_exception_group(std::string message, std::vector<std::exception_ptr> exceptions);

namespace detail {

/// The course of one `try` statement with `except*` clauses.
class ExceptStar {
public:
    /// `error` is what is being handled.
    explicit ExceptStar(std::exception_ptr error);

    /// What the clause's types catch of the rest; null if nothing.
    std::exception_ptr take(ExceptionFilter matches);
    /// The clause that was given `match` has thrown.
    void clause_failed(const std::exception_ptr& match, std::exception_ptr thrown);
    /// Throws what no clause has caught, together with what clauses have thrown.
    void finish();

private:
    std::exception_ptr original_;
    std::exception_ptr rest_;
    std::vector<std::exception_ptr> raised_;
    std::vector<std::exception_ptr> kept_;  // thrown again as they were
};

template <class F, class... E>
class ExceptClause {
public:
    explicit ExceptClause(F fn) : fn_(std::move(fn)) {}

    void run(ExceptStar& course) {
        bool (*matches)(const std::exception_ptr&) = &is_exception<E...>;
        const std::exception_ptr match = course.take(ExceptionFilter(matches));
        if (!match) return;
        try {
            std::rethrow_exception(match);  // so that the clause can say `throw;`
        } catch (const BaseExceptionGroup& group) {
            try {
                fn_(group);
            } catch (...) {
                course.clause_failed(match, std::current_exception());
            }
        }
    }

private:
    F fn_;
};

}  // namespace detail

/// A clause of except_star(): `except* E as group: fn(group)`; several types are one clause.
template <class... E, class F>
    requires(sizeof...(E) > 0 && std::invocable<F&, const BaseExceptionGroup&>)
auto except(F fn) {
    return detail::ExceptClause<F, E...>(std::move(fn));
}

/// Python's `except*`, to be called in a catch block:
///
///     } catch (...) {
///         except_star(except<ValueError>([](const BaseExceptionGroup& group) { ... }),
///                     except<OSError, EOFError>([](const BaseExceptionGroup& group) { ... }));
///     }
///
/// Each clause is called at most once, with all the errors of its types that earlier clauses have left,
/// as a group; an error that is no group comes as a group of one. What no clause takes is thrown from
/// here, in its place in the group, and so is what a clause throws (`throw;`: its own part). Throws
/// RuntimeError outside of a catch block.
template <class... Clauses>
void except_star(Clauses... clauses) {
    detail::ExceptStar course(std::current_exception());
    (clauses.run(course), ...);
    course.finish();
}

}  // namespace aio
