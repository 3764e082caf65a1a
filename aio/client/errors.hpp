// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>
#include <aio/client/connection_errors.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/url/url.hpp>

#include <string>
#include <vector>

namespace aio::http {

/// What was sent. Mirrors aiohttp.RequestInfo.
struct RequestInfo {
    URL url;
    std::string method;
    Headers headers;
    /// With its fragment.
    URL real_url;
};

/// A response that has led to another request.
struct RedirectInfo {
    int status = 0;
    std::string message;
    URL url;
    std::string method;
};

/// The response is not what was wanted. Mirrors aiohttp.ClientResponseError. Cheap to copy.
class ClientResponseError : public RuntimeError, public virtual ClientError {
public:
    ClientResponseError(RequestInfo request_info, std::vector<RedirectInfo> history, int status = 0,
                        std::string message = std::string(), Headers headers = Headers());
    /// 0 if there is none.
    int status() const noexcept { return data_->status; }
    /// The reason behind the status, or what is wrong.
    const std::string& message() const noexcept { return data_->message; }
    const Headers& headers() const noexcept { return data_->headers; }
    const RequestInfo& request_info() const noexcept { return data_->request_info; }
    /// Those before the last one, the first one first.
    const std::vector<RedirectInfo>& history() const noexcept { return data_->history; }
    /// "404, message='Not Found', url='http://...'".
    const char* what() const noexcept override { return RuntimeError::what(); }

private:
    struct Data {
        RequestInfo request_info;
        std::vector<RedirectInfo> history;
        int status;
        std::string message;
        Headers headers;
    };
    explicit ClientResponseError(Data data);
    std::shared_ptr<const Data> data_;
};

/// The body is of another kind than was asked for. Mirrors aiohttp.ContentTypeError.
class ContentTypeError : public ClientResponseError {
public:
    using ClientResponseError::ClientResponseError;
};

/// The server does not go on as WebSocket. Mirrors aiohttp.WSServerHandshakeError.
class WSServerHandshakeError : public ClientResponseError {
public:
    using ClientResponseError::ClientResponseError;
};

/// The proxy has refused CONNECT. Mirrors aiohttp.ClientHttpProxyError.
class ClientHttpProxyError : public ClientResponseError {
public:
    using ClientResponseError::ClientResponseError;
};

/// Mirrors aiohttp.TooManyRedirects.
class TooManyRedirects : public ClientResponseError {
public:
    using ClientResponseError::ClientResponseError;
};

/// The body is broken: its length, its chunks or its compression. Mirrors aiohttp.ClientPayloadError.
class ClientPayloadError : public RuntimeError, public virtual ClientError {
public:
    using RuntimeError::RuntimeError;
    const char* what() const noexcept override { return RuntimeError::what(); }
};

/// A URL that cannot be requested: it has no host, say. Mirrors aiohttp.InvalidURL.
class InvalidURL : public ValueError, public virtual ClientError {
public:
    /// The text, because it may be no URL at all.
    explicit InvalidURL(const std::string& url, const std::string& description = std::string());
    const std::string& url() const noexcept { return data_->url; }
    /// May be empty.
    const std::string& description() const noexcept { return data_->description; }
    const char* what() const noexcept override { return ValueError::what(); }

private:
    struct Data {
        std::string url;
        std::string description;
    };
    std::shared_ptr<const Data> data_;
};

/// ... and was given by this program, or by a redirect. Mirrors aiohttp.InvalidUrlClientError.
class InvalidUrlClientError : public InvalidURL {
public:
    using InvalidURL::InvalidURL;
};

/// A URL of another scheme than http and https. Mirrors aiohttp.NonHttpUrlClientError.
class NonHttpUrlClientError : public ValueError, public virtual ClientError {
public:
    explicit NonHttpUrlClientError(const std::string& url);
    const std::string& url() const noexcept { return *url_; }
    const char* what() const noexcept override { return ValueError::what(); }

private:
    std::shared_ptr<const std::string> url_;
};

/// The Location of a redirect is the reason. Mirrors aiohttp.RedirectClientError.
class RedirectClientError : public virtual ClientError {};

/// Mirrors aiohttp.InvalidUrlRedirectClientError.
class InvalidUrlRedirectClientError : public InvalidUrlClientError, public RedirectClientError {
public:
    using InvalidUrlClientError::InvalidUrlClientError;
    const char* what() const noexcept override { return InvalidUrlClientError::what(); }
};

/// Mirrors aiohttp.NonHttpUrlRedirectClientError.
class NonHttpUrlRedirectClientError : public NonHttpUrlClientError, public RedirectClientError {
public:
    using NonHttpUrlClientError::NonHttpUrlClientError;
    const char* what() const noexcept override { return NonHttpUrlClientError::what(); }
};

}  // namespace aio::http
