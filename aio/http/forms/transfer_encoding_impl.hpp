// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/headers.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace aio::http::detail {

/// Undoes what Content-Transfer-Encoding says of a part of a body, piece by piece. In base64 bytes that do
/// not belong to it, such as line ends, are skipped; in quoted-printable what is no escape stays as it is.
class TransferDecoder {
public:
    /// Throws ValueError for an encoding that is not known.
    explicit TransferDecoder(const Headers& headers);

    /// What more of the content becomes.
    std::string decode(std::string piece);
    /// What was held back. Throws ValueError if base64 ends too early.
    std::string finish();

private:
    enum class Kind : std::uint8_t { none, base64, quoted_printable };
    void decode_base64(std::string_view text, std::string& out);
    std::size_t decode_quoted_printable(std::string_view text, std::string& out) const;

    Kind kind_ = Kind::none;
    std::string held_;  ///< the beginning of an escape
    std::uint32_t bits_ = 0;
    int digits_ = 0;
    bool padded_ = false;  ///< nothing comes behind "="
};

}  // namespace aio::http::detail
