// SPDX-License-Identifier: MIT
#pragma once

#include <aio/web/response.hpp>

#include <string>

namespace aio::web {

/// A file as answer: its type by its name, sent by the kernel where that is possible, pieces of it (Range,
/// 206 and 416), and only if the client's copy is out of date (If-Modified-Since, If-None-Match and their
/// like, 304 and 412). If there is a file of the same name with ".br" or ".gz" behind it and the client
/// accepts that coding, it is sent in its place. A file that cannot be opened is answered by 404, one that
/// must not be by 403.
///
///     co_return web::FileResponse("public/index.html");
///
/// The path is the program's: never make it of what a client has sent; add_static() does that safely.
/// Size and time are those of the file that is open. If it becomes shorter while it is sent, the connection
/// is closed; what is added to it is not sent. Mirrors aiohttp.web.FileResponse.
class FileResponse : public Response {
public:
    explicit FileResponse(std::string path);
    FileResponse(std::string path, int status);
};

}  // namespace aio::web
