// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/web/response.hpp>

#include <cstdint>
#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Answers that are thrown: `throw web::HTTPNotFound()`, `throw web::HTTPForbidden().text("no")`. The names
/// are aiohttp.web's. Each has the body "404: Not Found" unless another is set.
namespace aio::web {

/// Root of the family.
class HTTPException : public std::exception {
public:
    /// What is sent.
    const Response& response() const noexcept { return response_; }
    int status() const noexcept { return response_.status(); }
    const char* what() const noexcept override { return what_.c_str(); }

protected:
    explicit HTTPException(int status);
    Response response_;

private:
    std::string what_;
};

class HTTPSuccessful : public HTTPException {
protected:
    using HTTPException::HTTPException;
};
/// With the field Location.
class HTTPRedirection : public HTTPException {
protected:
    using HTTPException::HTTPException;
};
/// Another place to go to. Throws ValueError for an empty location, or one with a control character.
class HTTPMove : public HTTPRedirection {
public:
    std::string_view location() const noexcept;

protected:
    HTTPMove(int status, std::string_view location);
};
class HTTPError : public HTTPException {
protected:
    using HTTPException::HTTPException;
};
class HTTPClientError : public HTTPError {
protected:
    using HTTPError::HTTPError;
};
class HTTPServerError : public HTTPError {
protected:
    using HTTPError::HTTPError;
};

namespace detail {

/// The setters, which give the exception's own type, so that what they give can be thrown.
template <class Self, class Base>
class HTTPAnswer : public Base {
public:
    Self& text(std::string text) {
        this->response_.text(std::move(text));
        return self();
    }
    Self& body(http::Payload body) {
        this->response_.body(std::move(body));
        return self();
    }
    Self& content_type(std::string_view type) {
        this->response_.content_type(type);
        return self();
    }
    Self& header(const http::HeaderName& name, std::string_view value) {
        this->response_.header(name, value);
        return self();
    }
    Self& reason(std::string_view reason) {
        this->response_.status(this->response_.status(), reason);
        return self();
    }

protected:
    using Base::Base;

private:
    Self& self() noexcept { return static_cast<Self&>(*this); }
};

template <class Self, class Base, int Status>
class HTTPOf : public HTTPAnswer<Self, Base> {
public:
    HTTPOf() : HTTPAnswer<Self, Base>(Status) {}
};
template <class Self, int Status>
class HTTPMoveOf : public HTTPAnswer<Self, HTTPMove> {
public:
    explicit HTTPMoveOf(std::string_view location) : HTTPAnswer<Self, HTTPMove>(Status, location) {}
};

}  // namespace detail

class HTTPOk : public detail::HTTPOf<HTTPOk, HTTPSuccessful, 200> {};
class HTTPCreated : public detail::HTTPOf<HTTPCreated, HTTPSuccessful, 201> {};
class HTTPAccepted : public detail::HTTPOf<HTTPAccepted, HTTPSuccessful, 202> {};
class HTTPNonAuthoritativeInformation
    : public detail::HTTPOf<HTTPNonAuthoritativeInformation, HTTPSuccessful, 203> {};
class HTTPNoContent : public detail::HTTPOf<HTTPNoContent, HTTPSuccessful, 204> {};
class HTTPResetContent : public detail::HTTPOf<HTTPResetContent, HTTPSuccessful, 205> {};
class HTTPPartialContent : public detail::HTTPOf<HTTPPartialContent, HTTPSuccessful, 206> {};

class HTTPMultipleChoices : public detail::HTTPMoveOf<HTTPMultipleChoices, 300> {
    using HTTPMoveOf::HTTPMoveOf;
};
class HTTPMovedPermanently : public detail::HTTPMoveOf<HTTPMovedPermanently, 301> {
    using HTTPMoveOf::HTTPMoveOf;
};
class HTTPFound : public detail::HTTPMoveOf<HTTPFound, 302> {
    using HTTPMoveOf::HTTPMoveOf;
};
class HTTPSeeOther : public detail::HTTPMoveOf<HTTPSeeOther, 303> {
    using HTTPMoveOf::HTTPMoveOf;
};
class HTTPNotModified : public detail::HTTPOf<HTTPNotModified, HTTPRedirection, 304> {};
class HTTPUseProxy : public detail::HTTPMoveOf<HTTPUseProxy, 305> {
    using HTTPMoveOf::HTTPMoveOf;
};
class HTTPTemporaryRedirect : public detail::HTTPMoveOf<HTTPTemporaryRedirect, 307> {
    using HTTPMoveOf::HTTPMoveOf;
};
class HTTPPermanentRedirect : public detail::HTTPMoveOf<HTTPPermanentRedirect, 308> {
    using HTTPMoveOf::HTTPMoveOf;
};

class HTTPBadRequest : public detail::HTTPOf<HTTPBadRequest, HTTPClientError, 400> {};
class HTTPUnauthorized : public detail::HTTPOf<HTTPUnauthorized, HTTPClientError, 401> {};
class HTTPPaymentRequired : public detail::HTTPOf<HTTPPaymentRequired, HTTPClientError, 402> {};
class HTTPForbidden : public detail::HTTPOf<HTTPForbidden, HTTPClientError, 403> {};
class HTTPNotFound : public detail::HTTPOf<HTTPNotFound, HTTPClientError, 404> {};
/// With the field Allow.
class HTTPMethodNotAllowed : public detail::HTTPAnswer<HTTPMethodNotAllowed, HTTPClientError> {
public:
    HTTPMethodNotAllowed(std::string_view method, std::vector<std::string> allowed_methods);
    const std::string& method() const noexcept { return method_; }
    /// In alphabetical order.
    const std::vector<std::string>& allowed_methods() const noexcept { return allowed_methods_; }

private:
    std::string method_;
    std::vector<std::string> allowed_methods_;
};
class HTTPNotAcceptable : public detail::HTTPOf<HTTPNotAcceptable, HTTPClientError, 406> {};
class HTTPProxyAuthenticationRequired
    : public detail::HTTPOf<HTTPProxyAuthenticationRequired, HTTPClientError, 407> {};
class HTTPRequestTimeout : public detail::HTTPOf<HTTPRequestTimeout, HTTPClientError, 408> {};
class HTTPConflict : public detail::HTTPOf<HTTPConflict, HTTPClientError, 409> {};
class HTTPGone : public detail::HTTPOf<HTTPGone, HTTPClientError, 410> {};
class HTTPLengthRequired : public detail::HTTPOf<HTTPLengthRequired, HTTPClientError, 411> {};
class HTTPPreconditionFailed : public detail::HTTPOf<HTTPPreconditionFailed, HTTPClientError, 412> {};
/// A body of `actual_size` bytes, as far as it was read, where `max_size` are allowed.
class HTTPRequestEntityTooLarge : public detail::HTTPAnswer<HTTPRequestEntityTooLarge, HTTPClientError> {
public:
    HTTPRequestEntityTooLarge(std::uint64_t max_size, std::uint64_t actual_size);
};
class HTTPRequestURITooLong : public detail::HTTPOf<HTTPRequestURITooLong, HTTPClientError, 414> {};
class HTTPUnsupportedMediaType : public detail::HTTPOf<HTTPUnsupportedMediaType, HTTPClientError, 415> {};
class HTTPRequestRangeNotSatisfiable
    : public detail::HTTPOf<HTTPRequestRangeNotSatisfiable, HTTPClientError, 416> {};
class HTTPExpectationFailed : public detail::HTTPOf<HTTPExpectationFailed, HTTPClientError, 417> {};
class HTTPMisdirectedRequest : public detail::HTTPOf<HTTPMisdirectedRequest, HTTPClientError, 421> {};
class HTTPUnprocessableEntity : public detail::HTTPOf<HTTPUnprocessableEntity, HTTPClientError, 422> {};
class HTTPFailedDependency : public detail::HTTPOf<HTTPFailedDependency, HTTPClientError, 424> {};
class HTTPUpgradeRequired : public detail::HTTPOf<HTTPUpgradeRequired, HTTPClientError, 426> {};
class HTTPPreconditionRequired : public detail::HTTPOf<HTTPPreconditionRequired, HTTPClientError, 428> {};
class HTTPTooManyRequests : public detail::HTTPOf<HTTPTooManyRequests, HTTPClientError, 429> {};
class HTTPRequestHeaderFieldsTooLarge
    : public detail::HTTPOf<HTTPRequestHeaderFieldsTooLarge, HTTPClientError, 431> {};
/// With a field Link to who demands it; none if `link` is empty.
class HTTPUnavailableForLegalReasons
    : public detail::HTTPAnswer<HTTPUnavailableForLegalReasons, HTTPClientError> {
public:
    explicit HTTPUnavailableForLegalReasons(std::string_view link);
};

class HTTPInternalServerError : public detail::HTTPOf<HTTPInternalServerError, HTTPServerError, 500> {};
class HTTPNotImplemented : public detail::HTTPOf<HTTPNotImplemented, HTTPServerError, 501> {};
class HTTPBadGateway : public detail::HTTPOf<HTTPBadGateway, HTTPServerError, 502> {};
class HTTPServiceUnavailable : public detail::HTTPOf<HTTPServiceUnavailable, HTTPServerError, 503> {};
class HTTPGatewayTimeout : public detail::HTTPOf<HTTPGatewayTimeout, HTTPServerError, 504> {};
class HTTPVersionNotSupported : public detail::HTTPOf<HTTPVersionNotSupported, HTTPServerError, 505> {};
class HTTPVariantAlsoNegotiates : public detail::HTTPOf<HTTPVariantAlsoNegotiates, HTTPServerError, 506> {};
class HTTPInsufficientStorage : public detail::HTTPOf<HTTPInsufficientStorage, HTTPServerError, 507> {};
class HTTPNotExtended : public detail::HTTPOf<HTTPNotExtended, HTTPServerError, 510> {};
class HTTPNetworkAuthenticationRequired
    : public detail::HTTPOf<HTTPNetworkAuthenticationRequired, HTTPServerError, 511> {};

}  // namespace aio::web
