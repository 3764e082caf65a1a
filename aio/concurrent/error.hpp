// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>

#include <stdexcept>

/// The exceptions of concurrent.futures. As in Python they are not asyncio's: a thread that sees the
/// CancelledError of a future is not being cancelled itself, so this one is an ordinary error.
namespace aio::concurrent {

/// Base of what futures raise about themselves.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The future was cancelled before its work began.
class CancelledError : public Error {
public:
    CancelledError() : Error("the future was cancelled") {}
};

/// The future is not in a state in which the call makes sense.
class InvalidStateError : public Error {
public:
    using Error::Error;
};

/// An executor that can take no more work, because something of it failed.
class BrokenExecutor : public RuntimeError {
public:
    using RuntimeError::RuntimeError;
};

/// The initializer of a thread failed.
class BrokenThreadPool : public BrokenExecutor {
public:
    using BrokenExecutor::BrokenExecutor;
};

using aio::TimeoutError;

}  // namespace aio::concurrent
