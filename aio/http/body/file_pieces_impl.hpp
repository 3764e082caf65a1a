// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/body/body_writer.hpp>
#include <aio/task/coro.hpp>

#include <cstdint>
#include <string>

namespace aio::http::detail {

/// Reads a file in a thread and writes it, for those who cannot have the kernel send it. Throws OSError,
/// RuntimeError if the file has fewer bytes, and what the writer throws.
/// Cancellation: immediate; `file` may be closed then, as what a thread still reads is a copy of it.
Coro<> write_pieces_of(BodyWriter& to, int file, std::uint64_t offset, std::uint64_t count);

/// What the error says for a file that became shorter while it was sent.
std::string ended_early(std::uint64_t missing);

}  // namespace aio::http::detail
