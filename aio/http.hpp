// SPDX-License-Identifier: MIT
#pragma once

/// What HTTP is made of, for its clients and its servers. A part of its own: link aio::http.
#include <aio/http/status.hpp>
