// SPDX-License-Identifier: MIT
#include <aio/zip/checksum.hpp>

#include <zlib.h>

#include <cstring>

namespace aio::zip {

unsigned long checksum(const char* text) {
    return crc32(0, reinterpret_cast<const Bytef*>(text), static_cast<uInt>(std::strlen(text)));
}

}  // namespace aio::zip
