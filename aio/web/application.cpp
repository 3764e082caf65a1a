// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/web/application_state_impl.hpp>
#include <aio/web/exceptions.hpp>

#include <algorithm>

namespace aio::web {
namespace detail {
namespace {

/// For what has no route.
Coro<Response> refuse(Request& request) {
    const UrlMappingMatchInfo& match = request.match();
    if (match.status() != 405) throw HTTPNotFound();
    std::vector<std::string> allowed;
    for (const std::string_view method : match.allowed_methods()) allowed.emplace_back(method);
    throw HTTPMethodNotAllowed(request.method(), std::move(allowed));
    co_return Response();  // makes it a coroutine
}

/// Before the middlewares, as in aiohttp. That a client is told to go on is left to whoever reads the body.
Coro<Response> handle_expecting(Request& request, ApplicationState& app) {
    const UrlMappingMatchInfo& match = request.match();
    const ExpectHandler own = match ? match.route().expect_handler() : ExpectHandler();
    if (own) {
        std::optional<Response> answer = co_await own(request);
        if (answer) co_return *std::move(answer);
    } else if (!request.head().expect_continue) {
        throw HTTPExpectationFailed().text("Unknown Expect: " +
                                           std::string(request.header("Expect").value_or("")));
    }
    co_return co_await app.handler_for(match)(request);
}

/// While a handler or middleware runs, request.app() is the application that it belongs to.
Coro<Response> call_in(Request& request, Handler handler, ApplicationState* app) {
    ApplicationState* const outer = request.exchange_app(app);
    std::exception_ptr error;
    std::optional<Response> response;
    try {
        response = co_await handler(request);
    } catch (...) {
        error = std::current_exception();
    }
    request.exchange_app(outer);
    if (error) std::rethrow_exception(error);
    co_return *std::move(response);
}

}  // namespace

ApplicationState::ApplicationState(AppOptions options)
    : router(this), middlewares(std::move(options.middlewares_)), client_max_size(options.client_max_size_) {}

void ApplicationState::check_not_frozen(const char* call) const {
    if (frozen) throw RuntimeError(std::string(call) + "() of an application that has started");
}

const Handler& ApplicationState::handler_for(const UrlMappingMatchInfo& match) {
    const void* const key = match ? static_cast<const void*>(&match.route()) : match.router();
    const auto found = composed_.find(key);
    if (found != composed_.end()) return found->second;
    return composed_.emplace(key, compose(match)).first->second;
}

bool ApplicationState::prepares_responses() const {
    if (!on_response_prepare.empty()) return true;
    return std::ranges::any_of(subapps,
                               [](const Application& app) { return app.state().prepares_responses(); });
}

Coro<> ApplicationState::prepare_response(Request& request, Response response) {
    for (void* const owner : request.match_info().apps()) {
        co_await static_cast<ApplicationState*>(owner)->on_response_prepare.send(request, response);
    }
}

Handler ApplicationState::compose(const UrlMappingMatchInfo& match) const {
    Handler handler = match ? match.handler() : Handler(&refuse);
    const std::vector<void*> apps = match.apps();
    for (auto owner = apps.rbegin(); owner != apps.rend(); ++owner) {
        auto* const app = static_cast<ApplicationState*>(*owner);
        for (auto middleware = app->middlewares.rbegin(); middleware != app->middlewares.rend();
             ++middleware) {
            handler = middleware->around(std::move(handler));
        }
        if (apps.size() > 1) {
            handler = Handler([handler = std::move(handler), app](Request& request) {
                return call_in(request, handler, app);
            });
        }
    }
    return handler;
}

}  // namespace detail

Application::Application(AppOptions options)
    : state_(std::make_shared<detail::ApplicationState>(std::move(options))) {}

detail::Storage& Application::storage() const noexcept { return state_->storage; }
detail::Storage& Application::storage_to_change() const {
    if (!state_->starting) state_->check_not_frozen("Application.set");
    return state_->storage;
}

void Application::add_middleware(Middleware middleware) const {
    state_->check_not_frozen("Application.add_middleware");
    state_->middlewares.push_back(std::move(middleware));
}

UrlDispatcher& Application::router() const noexcept { return state_->router; }

Route& Application::route(std::string_view method, std::string_view path, Handler handler) const {
    if (method == "GET") return state_->router.add_get(path, std::move(handler));
    return state_->router.add_route(method, path, std::move(handler));
}

void Application::add_subapp(std::string_view prefix, const Application& subapp) const {
    state_->check_not_frozen("Application.add_subapp");
    state_->router.add_subapp(prefix, subapp.router());
    add_nested(subapp);
}

void Application::add_domain(std::string_view domain, const Application& subapp) const {
    state_->check_not_frozen("Application.add_domain");
    state_->router.add_domain(domain, subapp.router());
    add_nested(subapp);
}

void Application::add_nested(const Application& subapp) const {
    state_->subapps.push_back(subapp);
    on_startup().append([subapp](Application&) { return subapp.startup(); });
    on_shutdown().append([subapp](Application&) { return subapp.shutdown(); });
    on_cleanup().append([subapp](Application&) { return subapp.cleanup(); });
}

Signal<Application&>& Application::on_startup() const { return state_->on_startup; }
Signal<Application&>& Application::on_shutdown() const { return state_->on_shutdown; }
Signal<Application&>& Application::on_cleanup() const { return state_->on_cleanup; }
Signal<Request&, Response>& Application::on_response_prepare() const { return state_->on_response_prepare; }

void Application::add_context(Context context) const {
    state_->check_not_frozen("Application.add_cleanup_ctx");
    state_->contexts.push_back(std::move(context));
}

void Application::freeze() const {
    if (state_->frozen) return;
    state_->frozen = true;
    state_->router.freeze();
    state_->on_startup.freeze();
    state_->on_shutdown.freeze();
    state_->on_cleanup.freeze();
    state_->on_response_prepare.freeze();
    for (const Application& subapp : state_->subapps) subapp.freeze();
}
bool Application::frozen() const noexcept { return state_->frozen; }
bool Application::debug() const noexcept { return state_->debug; }

Coro<> Application::startup() const {
    Application self = *this;
    self.freeze();
    state_->debug = get_running_loop().get_debug();
    AsyncExitStack& stack = state_->entered.emplace();
    struct Starting {
        explicit Starting(bool& state) noexcept : flag(state) { flag = true; }
        Starting(const Starting&) = delete;
        Starting& operator=(const Starting&) = delete;
        ~Starting() { flag = false; }
        bool& flag;
    } const starting(state_->starting);
    for (const Context& context : state_->contexts) co_await context(stack, self);
    co_await state_->on_startup.send(self);
}

Coro<> Application::shutdown() const {
    Application self = *this;
    co_await state_->on_shutdown.send(self);
}

Coro<> Application::cleanup() const {
    Application self = *this;
    if (!state_->entered) co_return;
    std::exception_ptr error;
    try {
        co_await state_->entered->aclose();
    } catch (...) {
        error = std::current_exception();
    }
    state_->entered.reset();
    co_await state_->on_cleanup.send(self);
    if (error) std::rethrow_exception(error);
}

Coro<Response> Application::handle(Request& request) const {
    detail::ApplicationState& state = *state_;
    request.client_max_size(state.client_max_size);
    request.exchange_app(state_.get());
    UrlMappingMatchInfo& match = request.match();
    state.router.resolve(request.method(), request.head().host, request.target_path(), match);
    if (request.head().expect) [[unlikely]]
        return detail::handle_expecting(request, state);
    // Most have neither middlewares nor applications in applications.
    if (state.middlewares.empty() && state.subapps.empty() && match) return match.handler()(request);
    return state.handler_for(match)(request);
}

}  // namespace aio::web
