// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/requirements.hpp>

#include <stdexcept>
#include <string>

/// What is wrong with a message that arrived, with the names of aiohttp.http_exceptions. Those without a text
/// of their own are told apart by their type. None leaves a connection that can be used further.
namespace aio::http {

/// Root of the family. Mirrors aiohttp.http_exceptions.HttpProcessingError.
class HttpProcessingError : public std::runtime_error {
public:
    HttpProcessingError(int code, const std::string& message);
    /// The status that a server should answer with.
    int code() const noexcept { return code_; }

private:
    int code_;
};

/// The message breaks the rules of HTTP. Mirrors aiohttp.http_exceptions.BadHttpMessage.
class BadHttpMessage : public HttpProcessingError {
public:
    explicit BadHttpMessage(const std::string& message, int code = 400);
};

/// The first line is none of HTTP. Mirrors aiohttp.http_exceptions.BadStatusLine.
class BadStatusLine : public BadHttpMessage {
public:
    using BadHttpMessage::BadHttpMessage;
};

/// The method is not a token. Mirrors aiohttp.http_exceptions.BadHttpMethod.
class BadHttpMethod : public BadStatusLine {
public:
    using BadStatusLine::BadStatusLine;
};

/// The target of a request has a form or a character that it must not have. Mirrors
/// aiohttp.http_exceptions.InvalidURLError.
class InvalidURLError : public BadHttpMessage {
public:
    using BadHttpMessage::BadHttpMessage;
};

/// A line, the number of lines or all of them together exceed a limit. Mirrors
/// aiohttp.http_exceptions.LineTooLong.
class LineTooLong : public BadHttpMessage {
public:
    using BadHttpMessage::BadHttpMessage;
};

/// A header field that is malformed, missing or one too many. Mirrors aiohttp.http_exceptions.InvalidHeader.
class InvalidHeader : public BadHttpMessage {
public:
    using BadHttpMessage::BadHttpMessage;
};

/// Base of what is wrong with a body. Mirrors aiohttp.http_exceptions.PayloadEncodingError.
class PayloadEncodingError : public BadHttpMessage {
public:
    using BadHttpMessage::BadHttpMessage;
};

/// A compressed body that is corrupted or cut off. Mirrors aiohttp.http_exceptions.ContentEncodingError.
class ContentEncodingError : public PayloadEncodingError {
public:
    using PayloadEncodingError::PayloadEncodingError;
};

/// A compressed body that expands to more than is allowed. Mirrors
/// aiohttp.http_exceptions.DecompressSizeError.
class DecompressSizeError : public PayloadEncodingError {
public:
    explicit DecompressSizeError(const std::string& message, int code = 413);
};

/// Transfer-Encoding or the chunks of a body are wrong, or the body ends too early. Mirrors
/// aiohttp.http_exceptions.TransferEncodingError.
class TransferEncodingError : public PayloadEncodingError {
public:
    using PayloadEncodingError::PayloadEncodingError;
};

/// Content-Length is wrong, or the body ends before it. Mirrors aiohttp.http_exceptions.ContentLengthError.
class ContentLengthError : public PayloadEncodingError {
public:
    using PayloadEncodingError::PayloadEncodingError;
};

}  // namespace aio::http
