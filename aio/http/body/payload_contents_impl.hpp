// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/memory.hpp>
#include <aio/http/body/payload.hpp>

#include <string>

/// What a Payload may hold beside bytes.
namespace aio::http::detail {

using PayloadRef = std::shared_ptr<PayloadContent>;

PayloadRef content_of(AsyncGenerator<std::string> chunks);
PayloadRef content_of(aio::StreamReader stream);
PayloadRef content_of(StreamReader& body);
PayloadRef content_of(MultipartWriter multipart);
PayloadRef content_of(fs::File file);
PayloadRef content_of_path(std::string path);

/// Of a body that can be sent once.
[[noreturn]] void raise_sent_before();

}  // namespace aio::http::detail
