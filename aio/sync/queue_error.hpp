// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <exception>

namespace aio {

/// get_nowait() on an empty queue. Mirrors asyncio.QueueEmpty.
class QueueEmpty : public std::exception {
public:
    const char* what() const noexcept override;
};

/// put_nowait() on a full queue. Mirrors asyncio.QueueFull.
class QueueFull : public std::exception {
public:
    const char* what() const noexcept override;
};

/// The queue was shut down. Mirrors asyncio.QueueShutDown.
class QueueShutDown : public std::exception {
public:
    const char* what() const noexcept override;
};

}  // namespace aio
