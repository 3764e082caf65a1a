// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/shared_function.hpp>
#include <aio/client/client_request.hpp>
#include <aio/client/client_response.hpp>
#include <aio/task/coro.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace aio::http {

namespace detail {
struct ClientCall;
}

/// What a client middleware calls to have the request sent, as often as it likes; each response that is not
/// returned is released. Mirrors aiohttp's ClientHandlerType. Threads: the loop's; valid during the call of
/// the middleware that was given it.
class ClientHandler {
public:
    /// For the library: what stands behind the first `index` middlewares of a call.
    ClientHandler(detail::ClientCall& call, std::size_t index) noexcept : call_(&call), index_(index) {}
    /// The response, as soon as its head is there. Throws what session.get() throws.
    Coro<ClientResponse> operator()(ClientRequest& request) const;

private:
    detail::ClientCall* call_;
    std::size_t index_;
};

/// What stands around every request of a session, or of one call: it may change the request, send it several
/// times, or answer by itself. The first is the outermost one; it runs for each redirect anew, and for each
/// repetition on a connection that has died. Mirrors aiohttp's client middlewares.
///
///     aio::Coro<ClientResponse> sign(Keys& keys, ClientRequest& request, ClientHandler next) {
///         request.headers().set("X-Signature", keys.sign(request.url()));
///         return next(request);
///     }
///     SessionOptions().middleware({sign, std::ref(keys)})
///
/// A cheap handle: copies share the callable.
class ClientMiddleware {
public:
    /// fn(args..., request, next), where `args` are kept.
    template <class F, class... Args>
        requires(!std::same_as<std::decay_t<F>, ClientMiddleware> &&
                 std::is_invocable_r_v<Coro<ClientResponse>, std::decay_t<F>&, std::decay_t<Args>&...,
                                       ClientRequest&, ClientHandler>)
    ClientMiddleware(F&& fn, Args&&... args)  // NOLINT(google-explicit-constructor)
        : fn_([fn = std::decay_t<F>(std::forward<F>(fn)),
               ... args = std::decay_t<Args>(std::forward<Args>(args))](ClientRequest& request,
                                                                        ClientHandler next) mutable {
              return Coro<ClientResponse>(aio::detail::invoke(fn, args..., request, next));
          }) {}

    Coro<ClientResponse> operator()(ClientRequest& request, ClientHandler next) const {
        return fn_(request, next);
    }

private:
    aio::detail::SharedFunction<Coro<ClientResponse>(ClientRequest&, ClientHandler)> fn_;
};

}  // namespace aio::http
