// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/auth/digest_auth.hpp>
#include <aio/client/auth/digest_auth_middleware.hpp>
#include <aio/client/errors.hpp>
#include <aio/client/exchange/response_state_impl.hpp>
#include <aio/http/forms/writers_impl.hpp>
#include <aio/http/hdrs.hpp>

#include <utility>

namespace aio::http {

struct DigestAuthMiddleware::State {
    State(std::string login, std::string password, bool at_once)
        : auth(std::move(login), std::move(password)), preemptive(at_once) {}

    bool wants_body() const noexcept { return auth.challenge()->qop == "auth-int"; }

    // Whether a server that wants the body to be part of the answer can have it.
    static Coro<bool> can_tell_body(const ClientRequest& request) {
        if (request.body().empty()) co_return true;
        if (request.compress() != ContentCoding::identity)
            throw ValueError("Digest authentication with auth-int has no compressed bodies");
        if (!request.body().prepared()) co_await request.body().prepare();
        co_return request.body().repeatable();
    }
    static Coro<> authorize(State& self, ClientRequest& request) {
        const Payload& body = request.body();
        detail::TextBodyWriter told;
        if (self.wants_body() && !body.bytes()) co_await body.write(told);
        const BytesView bytes = body.bytes() ? BytesView(*body.bytes()) : BytesView(told.text);
        request.headers().set(hdrs::AUTHORIZATION,
                              self.auth.authorization(request.method(), request.url(), bytes));
    }
    static Coro<> authorize_at_once(State& self, ClientRequest& request) {
        bool possible = true;
        if (self.wants_body()) possible = co_await can_tell_body(request);
        if (possible) co_await authorize(self, request);
    }

    static Coro<ClientResponse> perform(std::shared_ptr<State> self, ClientRequest& request,
                                        ClientHandler next) {
        const bool covered = self->preemptive && self->auth.covers(request.url());
        if (covered) co_await authorize_at_once(*self, request);
        ClientResponse response = co_await next(request);
        if (response.status() != 401) co_return response;
        const auto fields = response.headers().getall(hdrs::WWW_AUTHENTICATE);
        const bool asked = self->auth.answer(fields, request.url());
        if (!asked) co_return response;
        co_await response.state("DigestAuthMiddleware").body.leave();
        if (!request.body().repeatable())
            throw ClientPayloadError(
                "the body can be sent once only, and the server wants Digest "
                "authentication for " +
                request.url().str());
        if (self->wants_body()) co_await can_tell_body(request);
        co_await authorize(*self, request);
        co_return co_await next(request);
    }

    DigestAuth auth;
    const bool preemptive;
};

DigestAuthMiddleware::DigestAuthMiddleware(std::string login, std::string password, bool preemptive)
    : state_(std::make_shared<State>(std::move(login), std::move(password), preemptive)) {}

Coro<ClientResponse> DigestAuthMiddleware::operator()(ClientRequest& request, ClientHandler next) const {
    return State::perform(state_, request, next);
}

}  // namespace aio::http
