// SPDX-License-Identifier: MIT
#include <aio/client/errors.hpp>
#include <aio/ssl/error.hpp>

#include <utility>

namespace aio::http {
namespace {

const OSError& checked_os_error(const std::exception_ptr& cause) {
    const auto* error = exception_ptr_cast<OSError>(cause);
    if (!error) throw TypeError("the cause of a ClientConnectorError must be an OSError");
    return *error;
}

template <class E>
std::exception_ptr checked(std::exception_ptr cause, const char* name) {
    if (!exception_ptr_cast<E>(cause)) throw TypeError(std::string("the cause must be an ") + name);
    return cause;
}

std::string authority(const ConnectionTarget& target) {
    const bool in_brackets = target.host.find(':') != std::string::npos;
    return (in_brackets ? '[' + target.host + ']' : target.host) + ':' + std::to_string(target.port);
}

std::string cannot_connect(const ConnectionTarget& target, const std::exception_ptr& cause) {
    return "Cannot connect to host " + authority(target) + (target.is_ssl ? " ssl:default [" : " [") +
           checked_os_error(cause).what() + ']';
}

std::string hexadecimal(const std::string& bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

}  // namespace

ClientError::~ClientError() = default;

ConnectionClosedError::ConnectionClosedError(const std::string& message) : RuntimeError(message) {}

ClientConnectionResetError::ClientConnectionResetError(const std::string& message)
    : ConnectionResetError(message) {}

ClientConnectorError::ClientConnectorError(ConnectionTarget target, std::exception_ptr cause,
                                           std::string text)
    : ClientOSError(checked_os_error(cause).code()),
      data_(std::make_shared<const Data>(Data{std::move(target), std::move(cause), std::move(text)})) {}

ClientConnectorError::ClientConnectorError(ConnectionTarget target, std::exception_ptr cause)
    : ClientConnectorError(target, cause, cannot_connect(target, cause)) {}

const OSError& ClientConnectorError::os_error() const noexcept {
    return *exception_ptr_cast<OSError>(data_->cause);
}

UnixClientConnectorError::UnixClientConnectorError(const std::string& path, ConnectionTarget target,
                                                   std::exception_ptr cause)
    : ClientConnectorError(
          std::move(target), cause,
          "Cannot connect to unix socket " + path + " [" + checked_os_error(cause).what() + ']'),
      path_(std::make_shared<const std::string>(path)) {}

ClientSSLError::ClientSSLError(ConnectionTarget target, std::exception_ptr cause)
    : ClientConnectorError(std::move(target), checked<ssl::SSLError>(std::move(cause), "SSLError")) {}

const ssl::SSLError& ClientSSLError::ssl_error() const noexcept {
    return *exception_ptr_cast<ssl::SSLError>(cause());
}

ClientConnectorCertificateError::ClientConnectorCertificateError(ConnectionTarget target,
                                                                 std::exception_ptr cause)
    : ClientSSLError(std::move(target),
                     checked<ssl::SSLCertVerificationError>(std::move(cause), "SSLCertVerificationError")) {}

const ssl::SSLCertVerificationError& ClientConnectorCertificateError::certificate_error() const noexcept {
    return *exception_ptr_cast<ssl::SSLCertVerificationError>(cause());
}

ServerDisconnectedError::ServerDisconnectedError(const std::string& message) : RuntimeError(message) {}

ServerTimeoutError::ServerTimeoutError(const std::string& message) : TimeoutError(message) {}

ServerFingerprintMismatch::ServerFingerprintMismatch(const std::string& expected, const std::string& got,
                                                     ConnectionTarget target)
    : RuntimeError("the certificate of " + authority(target) + " has the fingerprint " + hexadecimal(got) +
                   ", expected " + hexadecimal(expected)),
      data_(std::make_shared<const Data>(Data{expected, got, std::move(target)})) {}

ClientResponseError::ClientResponseError(RequestInfo request_info, std::vector<RedirectInfo> history,
                                         int status, std::string message, Headers headers)
    : ClientResponseError(Data{std::move(request_info), std::move(history), status, std::move(message),
                               std::move(headers)}) {}

ClientResponseError::ClientResponseError(Data data)
    : RuntimeError(std::to_string(data.status) + ", message='" + data.message + "', url='" +
                   data.request_info.real_url.str() + '\''),
      data_(std::make_shared<const Data>(std::move(data))) {}

InvalidURL::InvalidURL(const std::string& url, const std::string& description)
    : ValueError(description.empty() ? url : url + " - " + description),
      data_(std::make_shared<const Data>(Data{url, description})) {}

NonHttpUrlClientError::NonHttpUrlClientError(const std::string& url)
    : ValueError(url), url_(std::make_shared<const std::string>(url)) {}

}  // namespace aio::http
