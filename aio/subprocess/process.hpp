// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/streams/stream_reader.hpp>
#include <aio/streams/stream_writer.hpp>
#include <aio/subprocess/detail/wait_process.hpp>
#include <aio/task/coro.hpp>

#include <compare>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace aio::subprocess {

/// What communicate() collected: all of standard output and of standard error; empty where that is no PIPE.
class Output {
public:
    Output() {}
    Output(std::string standard_output, std::string standard_error) noexcept
        : out(std::move(standard_output)), err(std::move(standard_error)) {}
    std::string out;
    std::string err;
};

/// A child process with streams. Mirrors asyncio.subprocess.Process; create_subprocess_exec() and
/// create_subprocess_shell() make one.
///
/// A cheap handle: copies refer to the same process; an empty one throws RuntimeError. Dropping the last
/// neither ends nor loses the process: it runs on, and is reaped when it ends, also if that is after the
/// loop's close. Its standard input is closed then, as any StreamWriter's. To be sure that nothing is left of
/// it give it to async_with():
///
///     auto process = co_await create_subprocess_exec(Options().stdout(PIPE), "ping", host);
///     co_await async_with(process, [](Process process) -> Coro<> { ... });
///
/// The surprising rule: the end of a process and the end of its output are two things. wait() returns when it
/// has ended, although its children may hold its pipes; communicate() and reading wait for these, too. A
/// process that fills a pipe that nobody reads does not end (S142).
/// Threads: those of the loop in which it was made; any number of loops may have children.
class Process {
public:
    Process() noexcept = default;
    explicit Process(detail::ProcessRef state) noexcept : state_(std::move(state)) {}

    /// The streams that are PIPEs; empty handles otherwise.
    const StreamWriter& stdin() const;
    const StreamReader& stdout() const;
    const StreamReader& stderr() const;
    int pid() const;
    /// None while it runs, as far as the loop has noticed; then its exit status, or a signal's negative
    /// number (S143). 255, with a warning logged, if other code has taken the status, or SIGCHLD is ignored.
    std::optional<int> returncode() const;

    /// Waits until it has ended, and gives its returncode(). Several tasks may wait.
    /// Cancellation: immediate; the process runs on (S144).
    /// Throws RuntimeError if the loop is another one, or closed while it ran.
    detail::WaitProcess wait() const {
        state_.checked("Process.wait()");
        return detail::WaitProcess(state_);
    }

    /// Writes `input` and closes standard input, reads standard output and error to their ends, at the same
    /// time, and waits until the process has ended (S141). One that does not read its input is no error.
    ///
    /// Cancellation: immediate; the process runs on, the rest of the input is still written, and what was
    /// read is kept for the next call.
    /// Throws ValueError if there is input and standard input is no PIPE.
    Coro<Output> communicate(std::string input = std::string()) const;

    /// Sends it a signal; SIGTERM; SIGKILL. Never to another process that has its number. Throws
    /// ProcessLookupError if it has ended, PermissionError, OSError.
    void send_signal(int number) const;
    void terminate() const;
    void kill() const;

    /// async_with(process, fn, args...) gives `fn` the process. Afterwards its pipes are closed and it has
    /// ended: it is waited for, as by `with Popen(...)`, and killed if the body failed or was cancelled, or
    /// if the wait is. asyncio's Process has none of this.
    Coro<Process> aenter() const;
    Coro<> aexit(std::exception_ptr error) const;

    /// "<Process 4711>".
    std::string repr() const;
    explicit operator bool() const noexcept { return state_.get() != nullptr; }
    friend bool operator==(const Process& a, const Process& b) noexcept {
        return a.state_.get() == b.state_.get();
    }
    friend std::strong_ordering operator<=>(const Process& a, const Process& b) noexcept {
        return std::compare_three_way()(a.state_.get(), b.state_.get());
    }

private:
    detail::ProcessRef state_;
};

}  // namespace aio::subprocess
