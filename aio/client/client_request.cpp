// SPDX-License-Identifier: MIT
#include <aio/base/detail/repr.hpp>
#include <aio/base/error.hpp>
#include <aio/client/client_request.hpp>
#include <aio/http/header_name.hpp>

namespace aio::http {
namespace {

const Payload kNoBody;

}  // namespace

ClientRequest::ClientRequest(std::string_view method, URL url) : url_(std::move(url)) {
    this->method(method);
}

void ClientRequest::method(std::string_view method) {
    if (!is_token(method)) throw ValueError("no method of a request: " + aio::detail::repr_of(method));
    method_ = method;
    for (char& c : method_) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    }
}

const Payload& ClientRequest::body() const noexcept { return body_ ? *body_ : kNoBody; }

void ClientRequest::update_body(Payload body) {
    body_ = body.empty() ? nullptr : std::make_shared<const Payload>(std::move(body));
}

}  // namespace aio::http
