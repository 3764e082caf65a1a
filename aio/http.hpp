// SPDX-License-Identifier: MIT
#pragma once

/// What HTTP is made of, for clients and servers. A part of its own: link aio::http.
#include <aio/http/hdrs.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/methods.hpp>
#include <aio/http/status.hpp>
