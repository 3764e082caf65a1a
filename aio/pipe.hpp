// SPDX-License-Identifier: MIT
#pragma once

/// Pipes, FIFOs and terminals as transports. Standard input and output as streams: aio/endpoints.hpp.
#include <aio/pipe/connect_pipe.hpp>
