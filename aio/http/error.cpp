// SPDX-License-Identifier: MIT
#include <aio/http/error.hpp>

namespace aio::http {

HttpProcessingError::HttpProcessingError(int code, const std::string& message)
    : std::runtime_error(message), code_(code) {}

BadHttpMessage::BadHttpMessage(const std::string& message, int code) : HttpProcessingError(code, message) {}

DecompressSizeError::DecompressSizeError(const std::string& message, int code)
    : PayloadEncodingError(message, code) {}

}  // namespace aio::http
