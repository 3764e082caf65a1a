// SPDX-License-Identifier: MIT
#pragma once

#include <aio/task/coro.hpp>
#include <aio/web/handler.hpp>
#include <aio/web/request.hpp>
#include <aio/web/response.hpp>

#include <array>
#include <concepts>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::web {

namespace detail {

[[noreturn]] void raise_method_not_allowed(const Request& request, std::vector<std::string> allowed);

template <class V>
struct ViewMethod {
    std::string_view name;
    Coro<Response> (*call)(V&);  // null: the class has no such function
};

#define AIO_VIEW_METHOD(METHOD, function)                                      \
    ([]() -> ViewMethod<V> {                                                   \
        if constexpr (requires(V& view) {                                      \
                          { view.function() } -> std::same_as<Coro<Response>>; \
                      }) {                                                     \
            return {METHOD, [](V& view) { return view.function(); }};          \
        } else {                                                               \
            return {METHOD, nullptr};                                          \
        }                                                                      \
    }())

template <class V>
const auto& view_methods() {
    static const std::array methods = {
        AIO_VIEW_METHOD("CONNECT", connect), AIO_VIEW_METHOD("DELETE", delete_),
        AIO_VIEW_METHOD("GET", get),         AIO_VIEW_METHOD("HEAD", head),
        AIO_VIEW_METHOD("OPTIONS", options), AIO_VIEW_METHOD("PATCH", patch),
        AIO_VIEW_METHOD("POST", post),       AIO_VIEW_METHOD("PUT", put),
        AIO_VIEW_METHOD("TRACE", trace),
    };
    return methods;
}

#undef AIO_VIEW_METHOD

// `args` are the handler's; they are used before the first await.
template <class V, class Args>
Coro<Response> run_view(Request& request, const Args& args) {
    V view = std::apply([&request](const auto&... each) { return V(each..., request); }, args);
    std::vector<std::string> allowed;
    for (const ViewMethod<V>& method : view_methods<V>()) {
        if (method.call == nullptr) continue;
        if (method.name == request.method()) co_return co_await method.call(view);
        allowed.emplace_back(method.name);
    }
    raise_method_not_allowed(request, std::move(allowed));
}

}  // namespace detail

/// Handlers of one path as a class: its public functions get(), head(), post(), put(), patch(), delete_(),
/// options(), trace() and connect() answer the methods; others are answered by 405, with those that there
/// are. An object is made for each request.
///
///     struct Item : web::View {
///         using View::View;
///         aio::Coro<web::Response> get() { co_return web::Response().text(request().match_info("id")); }
///     };
///     router.add_view("/items/{id}", web::View::of<Item>());
///
/// Mirrors aiohttp.web.View.
class View {
public:
    explicit View(Request& request) noexcept : request_(&request) {}

    Request& request() const noexcept { return *request_; }

    /// The handler. `args` are copied, and come before the request in the constructor of V.
    template <std::derived_from<View> V, class... Args>
    static Handler of(Args&&... args) {
        return Handler([args = std::tuple<std::decay_t<Args>...>(std::forward<Args>(args)...)](
                           Request& request) { return detail::run_view<V>(request, args); });
    }

private:
    Request* request_;
};

}  // namespace aio::web
