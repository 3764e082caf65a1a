// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>

#include <cstdint>
#include <exception>
#include <string>
#include <system_error>

namespace aio::ssl {
class SSLError;
class SSLCertVerificationError;
}  // namespace aio::ssl

namespace aio::http {

/// The root of what a client's requests fail with. What is thrown is one of the classes below it and a
/// std::exception as well; this one is none itself, so that an error can be, say, an OSError and a
/// ClientError and still be a std::exception once only. Mirrors aiohttp.ClientError.
class ClientError {
public:
    virtual ~ClientError();
    virtual const char* what() const noexcept = 0;

protected:
    ClientError() noexcept = default;
    ClientError(const ClientError&) noexcept = default;
    ClientError& operator=(const ClientError&) noexcept = default;
};

/// Whatever has to do with connections. Mirrors aiohttp.ClientConnectionError.
class ClientConnectionError : public virtual ClientError {};

/// The connector or the connection that is to be used was closed, by this program. Where aiohttp raises a
/// plain ClientConnectionError.
class ConnectionClosedError : public RuntimeError, public ClientConnectionError {
public:
    explicit ConnectionClosedError(const std::string& message = "Connector is closed");
    const char* what() const noexcept override { return RuntimeError::what(); }
};

/// Something was to be written to a connection that is gone. Mirrors aiohttp.ClientConnectionResetError.
class ClientConnectionResetError : public ConnectionResetError, public ClientConnectionError {
public:
    explicit ClientConnectionResetError(const std::string& message = "Cannot write to closing transport");
    const char* what() const noexcept override { return ConnectionResetError::what(); }
};

/// The system has refused something of a connection. Mirrors aiohttp.ClientOSError.
class ClientOSError : public OSError, public ClientConnectionError {
public:
    using OSError::OSError;
    const char* what() const noexcept override { return OSError::what(); }

protected:
    explicit ClientOSError(const std::error_code& code) : OSError(code) {}
};

/// Whom a connection was for. Mirrors what is public of aiohttp's ConnectionKey.
struct ConnectionTarget {
    std::string host;
    std::uint16_t port = 0;
    bool is_ssl = false;
};

/// No connection could be made. Mirrors aiohttp.ClientConnectorError.
class ClientConnectorError : public ClientOSError {
public:
    /// `cause` is an OSError. Throws TypeError if it is none.
    ClientConnectorError(ConnectionTarget target, std::exception_ptr cause);
    const std::string& host() const noexcept { return data_->target.host; }
    std::uint16_t port() const noexcept { return data_->target.port; }
    bool is_ssl() const noexcept { return data_->target.is_ssl; }
    /// What the attempt failed with; code() and error_number() are its.
    const OSError& os_error() const noexcept;
    const std::exception_ptr& cause() const noexcept { return data_->cause; }
    const char* what() const noexcept override { return data_->text.c_str(); }

protected:
    ClientConnectorError(ConnectionTarget target, std::exception_ptr cause, std::string text);

private:
    struct Data {
        ConnectionTarget target;
        std::exception_ptr cause;
        std::string text;
    };
    std::shared_ptr<const Data> data_;
};

/// The host's name has no address, or it cannot be found out. Mirrors aiohttp.ClientConnectorDNSError.
class ClientConnectorDNSError : public ClientConnectorError {
public:
    using ClientConnectorError::ClientConnectorError;
};

/// The proxy cannot be reached; host() and port() are its. Mirrors aiohttp.ClientProxyConnectionError.
class ClientProxyConnectionError : public ClientConnectorError {
public:
    using ClientConnectorError::ClientConnectorError;
};

/// The Unix socket cannot be reached. Mirrors aiohttp.UnixClientConnectorError.
class UnixClientConnectorError : public ClientConnectorError {
public:
    UnixClientConnectorError(const std::string& path, ConnectionTarget target, std::exception_ptr cause);
    const std::string& path() const noexcept { return *path_; }

private:
    std::shared_ptr<const std::string> path_;
};

/// TLS has failed. Mirrors aiohttp.ClientSSLError. What it and the two below were in Python beside, an
/// ssl.SSLError, ssl_error() gives: an error of C++ is an OSError once only.
class ClientSSLError : public ClientConnectorError {
public:
    /// `cause` is an ssl::SSLError. Throws TypeError if it is none.
    ClientSSLError(ConnectionTarget target, std::exception_ptr cause);
    const ssl::SSLError& ssl_error() const noexcept;
};

/// The handshake has failed. Mirrors aiohttp.ClientConnectorSSLError.
class ClientConnectorSSLError : public ClientSSLError {
public:
    using ClientSSLError::ClientSSLError;
};

/// The server's certificate was refused. Mirrors aiohttp.ClientConnectorCertificateError.
class ClientConnectorCertificateError : public ClientSSLError {
public:
    /// `cause` is an ssl::SSLCertVerificationError. Throws TypeError if it is none.
    ClientConnectorCertificateError(ConnectionTarget target, std::exception_ptr cause);
    const ssl::SSLCertVerificationError& certificate_error() const noexcept;
};

/// The server has ended what it should not have. Mirrors aiohttp.ServerConnectionError.
class ServerConnectionError : public ClientConnectionError {};

/// The server has closed the connection before its answer was complete. Mirrors
/// aiohttp.ServerDisconnectedError.
class ServerDisconnectedError : public RuntimeError, public ServerConnectionError {
public:
    explicit ServerDisconnectedError(const std::string& message = "Server disconnected");
    const char* what() const noexcept override { return RuntimeError::what(); }
};

/// A time limit of a socket has passed. Mirrors aiohttp.ServerTimeoutError.
class ServerTimeoutError : public TimeoutError, public ServerConnectionError {
public:
    explicit ServerTimeoutError(const std::string& message);
    const char* what() const noexcept override { return TimeoutError::what(); }
};

/// ... that of connecting, ClientTimeout's connect or sock_connect. Mirrors aiohttp.ConnectionTimeoutError.
class ConnectionTimeoutError : public ServerTimeoutError {
public:
    using ServerTimeoutError::ServerTimeoutError;
};

/// ... that of reading, ClientTimeout's sock_read. Mirrors aiohttp.SocketTimeoutError.
class SocketTimeoutError : public ServerTimeoutError {
public:
    using ServerTimeoutError::ServerTimeoutError;
};

/// The server's certificate is not the one that is expected. Mirrors aiohttp.ServerFingerprintMismatch.
class ServerFingerprintMismatch : public RuntimeError, public ServerConnectionError {
public:
    /// Digests in bytes, of SHA-256.
    ServerFingerprintMismatch(const std::string& expected, const std::string& got, ConnectionTarget target);
    const std::string& expected() const noexcept { return data_->expected; }
    const std::string& got() const noexcept { return data_->got; }
    const std::string& host() const noexcept { return data_->target.host; }
    std::uint16_t port() const noexcept { return data_->target.port; }
    const char* what() const noexcept override { return RuntimeError::what(); }

private:
    struct Data {
        std::string expected;
        std::string got;
        ConnectionTarget target;
    };
    std::shared_ptr<const Data> data_;
};

}  // namespace aio::http
