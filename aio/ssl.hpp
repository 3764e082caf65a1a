// SPDX-License-Identifier: MIT
#pragma once

/// TLS. A library of its own, aio::ssl (`find_package(aiocpp COMPONENTS ssl)`), which needs OpenSSL 3;
/// programs that include this need none of its headers.
///
/// Which one do I want?
/// - A client: create_default_context(), given to ConnectOptions::ssl(). For a connection or two ssl(true)
/// does.
/// - A server: create_default_context(Purpose::CLIENT_AUTH), load_cert_chain(), ServerOptions::ssl().
/// - An open connection that goes on encrypted: StreamWriter::start_tls().
/// - What is known about a connection: get_extra_info("ssl_object"), "peercert", "cipher".
#include <aio/ssl/certificate.hpp>
#include <aio/ssl/constants.hpp>
#include <aio/ssl/context.hpp>
#include <aio/ssl/error.hpp>
#include <aio/ssl/ssl_object.hpp>
