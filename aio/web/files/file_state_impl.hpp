// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/fields/conditional.hpp>
#include <aio/http/fields/range.hpp>
#include <aio/web/files/open_file_impl.hpp>
#include <aio/web/response_impl.hpp>

#include <optional>
#include <string>

namespace aio::web::detail {

/// Its body is a file, which is opened when it is sent.
class FileState final : public ResponseState {
public:
    explicit FileState(FilePlace place) : place_(std::move(place)) {}
    Coro<> send(Request& request) override;
    bool send_now(Request&) override { return false; }

private:
    /// What is sent of it; none if a condition of the request says so, and what is answered then.
    std::optional<http::ByteRange> select(Request& request, const OpenFile& file);
    Coro<> send_plain_page(Request& request, int code);

    FilePlace place_;
};

}  // namespace aio::web::detail
