// SPDX-License-Identifier: MIT
#pragma once

#include "guest.hpp"

#include <exception>
#include <stdexcept>
#include <vector>

/// Host and guest each compile these for themselves.
inline void fail(Guest::Failure failure) {
    switch (failure) {
        case Guest::Failure::runtime:
            throw aio::RuntimeError("on purpose");
        case Guest::Failure::timeout:
            throw aio::TimeoutError("on purpose");
        case Guest::Failure::incomplete:
            throw aio::IncompleteReadError("some", 5);
        case Guest::Failure::group: {
            std::vector<std::exception_ptr> errors;
            errors.push_back(std::make_exception_ptr(aio::ValueError("on purpose")));
            throw aio::ExceptionGroup("on purpose", errors);
        }
        case Guest::Failure::cancelled:
            throw aio::CancelledError("on purpose");
        case Guest::Failure::exits:
            throw aio::SystemExit(3);
    }
}

/// Inside of a catch block: whether the error is what fail() threw, and of the classes above it.
inline bool handles(Guest::Failure failure) {
    try {
        throw;
    } catch (const aio::RuntimeError&) {
        return failure == Guest::Failure::runtime;
    } catch (const aio::OSError& error) {
        return failure == Guest::Failure::timeout && dynamic_cast<const aio::TimeoutError*>(&error);
    } catch (const aio::EOFError& error) {
        const auto* incomplete = dynamic_cast<const aio::IncompleteReadError*>(&error);
        return failure == Guest::Failure::incomplete && incomplete && incomplete->partial() == "some";
    } catch (const aio::BaseExceptionGroup& group) {
        return failure == Guest::Failure::group && group.subgroup<aio::ValueError>() &&
               dynamic_cast<const aio::ExceptionGroup*>(&group);
    } catch (const aio::CancelledError& error) {
        return failure == Guest::Failure::cancelled && error.message() == "on purpose";
    } catch (const aio::SystemExit& error) {
        return failure == Guest::Failure::exits && error.code() == 3;
    } catch (...) {
        return false;
    }
}
