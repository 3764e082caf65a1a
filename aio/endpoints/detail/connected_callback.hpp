// SPDX-License-Identifier: MIT
#pragma once

#include <aio/streams/stream_protocol.hpp>
#include <aio/streams/stream_writer.hpp>
#include <aio/task/coro.hpp>
#include <aio/task/task.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace aio::detail {

template <class F, class... Args>
concept ClientCallback = std::invocable<const F&, const Args&..., StreamReader, StreamWriter>;

template <class F, std::size_t I>
inline constexpr bool takes_by_value =
    !std::is_void_v<parameter_t<F, I>> && !std::is_reference_v<parameter_t<F, I>>;

template <class F, class... Args>
ClientConnectedCallback connected_callback(F, Args...) {
    static_assert(sizeof...(Args) > 0 || never<F>,
                  "start_server() calls callback(StreamReader, StreamWriter), and this one cannot be "
                  "called so");
    static_assert(
        sizeof...(Args) == 0 || never<F>,
        "start_server() calls callback(args..., StreamReader, StreamWriter), and this one cannot be "
        "called so");
    return ClientConnectedCallback();
}
// The callback's result as a task if it is a coroutine, else an empty handle.
template <class F, class... Args>
    requires ClientCallback<F, Args...>
ClientConnectedCallback connected_callback(F callback, Args... args) {
    return [callback = std::move(callback), ... args = std::move(args)](StreamReader reader,
                                                                        StreamWriter writer) -> AnyTask {
        using R = std::invoke_result_t<const F&, const Args&..., StreamReader, StreamWriter>;
        if constexpr (!TaskSource<R>) {
            static_assert(is_plain_callback<const F&, const Args&..., StreamReader, StreamWriter>());
            static_cast<void>(detail::invoke(callback, args..., std::move(reader), std::move(writer)));
            return AnyTask();
        } else if constexpr (sizeof...(Args) > 0) {
            return AnyTask(create_task(callback, args..., std::move(reader), std::move(writer)));
        } else if constexpr (takes_by_value<F, 0> && takes_by_value<F, 1>) {
            return AnyTask(create_task(detail::invoke(callback, std::move(reader), std::move(writer))));
        } else {  // the coroutine may refer to them
            auto serve = call_in_coroutine<coro_result_t<R>, const F&, StreamReader, StreamWriter>(
                callback, std::move(reader), std::move(writer));
            return AnyTask(create_task(std::move(serve)));
        }
    };
}

}  // namespace aio::detail
