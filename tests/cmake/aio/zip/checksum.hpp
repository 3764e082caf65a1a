// SPDX-License-Identifier: MIT
#pragma once

namespace aio::zip {

/// The CRC-32 of a text, by zlib.
unsigned long checksum(const char* text);

}  // namespace aio::zip
