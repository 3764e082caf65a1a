// SPDX-License-Identifier: MIT
#pragma once

#include <aio/web/application.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <unordered_map>

namespace aio::web::detail {

/// What the handles of an application share.
class ApplicationState : public std::enable_shared_from_this<ApplicationState> {
public:
    explicit ApplicationState(AppOptions options);

    /// The handler of a route, or of what has none, inside of the middlewares of all applications on the way.
    const Handler& handler_for(const UrlMappingMatchInfo& match);
    /// Whether it, or one in it, wants to see responses before they are sent.
    bool prepares_responses() const;
    /// Has those on the request's way see its response.
    static Coro<> prepare_response(Request& request, Response response);
    void check_not_frozen(const char* call) const;

    UrlDispatcher router;
    std::vector<Middleware> middlewares;
    Storage storage;
    std::uint64_t client_max_size;
    Signal<Application&> on_startup;
    Signal<Application&> on_shutdown;
    Signal<Application&> on_cleanup;
    Signal<Request&, Response> on_response_prepare;
    std::vector<aio::detail::SharedFunction<Coro<>(AsyncExitStack&, Application)>> contexts;
    std::optional<AsyncExitStack> entered;
    std::vector<Application> subapps;
    bool frozen = false;
    bool starting = false;  ///< what is set up now may be set still
    bool debug = false;

private:
    Handler compose(const UrlMappingMatchInfo& match) const;

    // By route, or by router for what has no route. They are made once.
    std::unordered_map<const void*, Handler> composed_;
};

}  // namespace aio::web::detail
