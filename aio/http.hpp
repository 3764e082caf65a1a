// SPDX-License-Identifier: MIT
#pragma once

/// What HTTP is made of, for its clients and its servers. A part of its own: link aio::http.
#include <aio/http/chunked.hpp>
#include <aio/http/compression.hpp>
#include <aio/http/cookie.hpp>
#include <aio/http/dates.hpp>
#include <aio/http/error.hpp>
#include <aio/http/fields/accept.hpp>
#include <aio/http/fields/conditional.hpp>
#include <aio/http/fields/content_disposition.hpp>
#include <aio/http/fields/content_type.hpp>
#include <aio/http/fields/forwarded.hpp>
#include <aio/http/fields/link.hpp>
#include <aio/http/fields/mimetypes.hpp>
#include <aio/http/fields/parameters.hpp>
#include <aio/http/fields/range.hpp>
#include <aio/http/forms/form_data.hpp>
#include <aio/http/forms/multipart_options.hpp>
#include <aio/http/forms/multipart_reader.hpp>
#include <aio/http/forms/multipart_writer.hpp>
#include <aio/http/hdrs.hpp>
#include <aio/http/header_name.hpp>
#include <aio/http/headers.hpp>
#include <aio/http/message.hpp>
#include <aio/http/methods.hpp>
#include <aio/http/multi_dict.hpp>
#include <aio/http/parser.hpp>
#include <aio/http/parser_options.hpp>
#include <aio/http/status.hpp>
#include <aio/http/url/query.hpp>
#include <aio/http/url/quoting.hpp>
#include <aio/http/url/url.hpp>
#include <aio/http/url/url_parts.hpp>
