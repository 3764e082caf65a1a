// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/cookie.hpp>
#include <aio/http/dates.hpp>
#include <aio/http/fields/content_disposition.hpp>
#include <aio/http/fields/content_type.hpp>
#include <aio/http/fields/mimetypes.hpp>
#include <aio/http/fields/parameters.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/methods.hpp>
#include <aio/http/status.hpp>
