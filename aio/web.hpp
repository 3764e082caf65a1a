// SPDX-License-Identifier: MIT
#pragma once

/// What aiohttp.web is: servers of HTTP. Link aio::http.
#include <aio/web/application.hpp>
#include <aio/web/clone_options.hpp>
#include <aio/web/event_source.hpp>
#include <aio/web/exceptions.hpp>
#include <aio/web/files/file_response.hpp>
#include <aio/web/handler.hpp>
#include <aio/web/log/access_log_format.hpp>
#include <aio/web/log/access_logger.hpp>
#include <aio/web/middleware.hpp>
#include <aio/web/request.hpp>
#include <aio/web/response.hpp>
#include <aio/web/router/normalize_path.hpp>
#include <aio/web/router/normalize_path_middleware.hpp>
#include <aio/web/router/route_def.hpp>
#include <aio/web/router/url_dispatcher.hpp>
#include <aio/web/router/view.hpp>
#include <aio/web/run_app.hpp>
#include <aio/web/runner.hpp>
#include <aio/web/server.hpp>
#include <aio/web/server_options.hpp>
#include <aio/web/signal.hpp>
#include <aio/web/websocket_response.hpp>
#include <aio/websocket/broadcast.hpp>
