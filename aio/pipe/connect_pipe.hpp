// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/invoke.hpp>
#include <aio/pipe/detail/attach_pipe.hpp>
#include <aio/task/coro.hpp>

#include <concepts>
#include <utility>

namespace aio {

namespace detail {

template <class F>
concept PipeProtocolFactory = std::invocable<F&> && requires(F& factory) {
    { detail::invoke(factory) } -> std::convertible_to<std::shared_ptr<BaseProtocol>>;
};

template <class F, class Pointer = std::invoke_result_t<F&>>
Coro<std::pair<Ref<Transport>, Pointer>> connect_pipe(F factory, Socket pipe, PipeEnd end) {
    Pointer protocol = detail::invoke(factory);
    Ref<Transport> transport = co_await attach_pipe(std::move(pipe), protocol, end);
    co_return std::pair<Ref<Transport>, Pointer>(std::move(transport), std::move(protocol));
}

}  // namespace detail

/// Reads from `fd`, the reading end of a pipe, a FIFO, a terminal or a stream socket, which is taken over and
/// made non-blocking; gives (transport, protocol), after connection_made() was called. Mirrors
/// loop.connect_read_pipe().
///
/// The end of the data is eof_received(), whose answer does not count, and then connection_lost(nullptr).
/// write() throws RuntimeError. get_extra_info("pipe") is the descriptor, an int. For standard input, which
/// is shared with others, see open_standard_streams().
///
/// Throws ValueError for other kinds of files (S146), TypeError if the factory gives neither a Protocol nor a
/// BufferedProtocol, RuntimeError if the loop watches the descriptor, OSError. `fd` is closed then.
/// Cancellation: immediate; `fd` is closed.
/// Threads: the loop's.
template <detail::PipeProtocolFactory F>
auto connect_read_pipe(F factory, int fd) {
    return detail::connect_pipe<F>(std::move(factory), Socket(fd), detail::PipeEnd::reading);
}

/// The same for writing. Mirrors loop.connect_write_pipe().
///
/// The transport reads nothing: is_reading() is false, and what can be read from `fd` stays there. When the
/// last reader is gone the connection is lost at once, with a BrokenPipeError if something was still to be
/// written. write_eof() closes it. No SIGPIPE is raised.
template <detail::PipeProtocolFactory F>
auto connect_write_pipe(F factory, int fd) {
    return detail::connect_pipe<F>(std::move(factory), Socket(fd), detail::PipeEnd::writing);
}

}  // namespace aio
