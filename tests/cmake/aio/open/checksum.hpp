// SPDX-License-Identifier: MIT
#pragma once

#include <zlib.h>

namespace aio::open {

/// How long a text is, for whoever calls zlib himself.
uInt length(const char* text);

/// The CRC-32 of a text; made by the caller's zlib.
inline unsigned long checksum(const char* text) {
    return crc32(0, reinterpret_cast<const Bytef*>(text), length(text));
}

}  // namespace aio::open
