// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/syntax_impl.hpp>
#include <aio/web/clone_options.hpp>
#include <aio/web/connection/exchange_impl.hpp>
#include <aio/web/request.hpp>
#include <aio/web/request_parts_impl.hpp>

#include <utility>

namespace aio::web {

CloneOptions& CloneOptions::method(std::string_view name) & {
    std::string_view rest = name;
    if (name.empty() || http::syntax::take_token(rest).size() != name.size()) {
        throw ValueError("\"" + std::string(name) + "\" is no method");
    }
    method_.emplace(name);
    return *this;
}

std::unique_ptr<Request> Request::clone(CloneOptions options) const {
    if (exchange_->content().total_bytes() > 0) {
        throw RuntimeError("Cannot clone request after reading its content");
    }
    auto made = std::make_unique<detail::ClonedRequest>();
    detail::ClonedRequest& own = *made;
    own.head = *head_;
    own.head.method = own.method = std::move(options.method_).value_or(std::string(method()));
    own.target = options.rel_url_ ? options.rel_url_->str() : std::string(raw_path());
    own.head.target = own.target;
    own.host = head_->host;
    own.headers = std::move(options.headers_);
    if (own.headers) {
        own.host = own.headers->get(http::hdrs::HOST, "");
    } else if (clone_) {
        own.headers = clone_->headers;
    }
    if (own.headers) {
        own.fields.assign(own.headers->begin(), own.headers->end());
        own.head.fields = own.fields;
    }
    if (options.host_) own.host = *std::move(options.host_);
    own.head.host = own.host;
    own.scheme = std::move(options.scheme_);
    own.remote = std::move(options.remote_);
    if (clone_ && !own.scheme) own.scheme = clone_->scheme;
    if (clone_ && !own.remote) own.remote = clone_->remote;

    auto request = std::make_unique<Request>(*exchange_);
    request->head_ = &own.head;
    request->clone_ = std::move(made);
    request->app_ = app_;
    request->match_ = match_;
    request->storage_ = storage_;
    request->client_max_size_ = options.client_max_size_.value_or(client_max_size_);
    return request;
}

}  // namespace aio::web
