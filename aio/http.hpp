// SPDX-License-Identifier: MIT
#pragma once

/// What HTTP is made of, so far the names of its statuses. A part of its own: link aio::http.
#include <aio/http/status.hpp>
