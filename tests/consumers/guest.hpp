// SPDX-License-Identifier: MIT
#pragma once

#include <aio/aio.hpp>

#include <memory>

/// What a program asks of a plug-in that works on the program's loop.
class Guest {
public:
    /// What both throw, and the other catches.
    enum class Failure { runtime, timeout, incomplete, group, cancelled, exits };

    Guest() = default;
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;
    virtual ~Guest() = default;

    /// Whether it sees the same loop, task, context and pool as its caller.
    virtual bool sees(const aio::EventLoop& loop, const aio::AnyTask& task,
                      const aio::ContextVar<int>& variable, int value, const void* pool) = 0;
    virtual void set(const aio::ContextVar<int>& variable, int value) = 0;
    /// A task on the running loop, named "guest".
    virtual aio::Task<int> start(int value) = 0;
    virtual aio::Coro<int> work(int value) = 0;
    virtual void fail(Failure failure) = 0;
    virtual aio::Coro<> fail_later(Failure failure) = 0;
    /// Whether it catches what the coroutine throws as what it is.
    virtual aio::Coro<bool> catches(aio::Coro<> coroutine, Failure failure) = 0;
    /// What a server makes for each client.
    virtual std::shared_ptr<aio::Protocol> protocol() = 0;
    /// A factory that makes the tasks of all there are.
    virtual void set_task_factory() = 0;
    /// Whether it may stay loaded when it is closed: g++ makes some variables unique in the process.
    virtual bool may_stay() = 0;
};

extern "C" [[gnu::visibility("default")]] Guest* guest();
