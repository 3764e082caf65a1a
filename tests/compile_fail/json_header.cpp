// SPDX-License-Identifier: MIT
// JSON without its header.
#include <aio/aio.hpp>
#include <aio/http/forms/multipart_reader.hpp>
#include <aio/http/forms/multipart_writer.hpp>

// case: a value as JSON
// says: JSON needs <aio/http/json.hpp>
void program(aio::http::MultipartWriter& writer) { writer.append_json(5); }

// case: a part that is JSON
// says: JSON needs <aio/http/json.hpp>
aio::Coro<int> program(aio::http::BodyPartReader part) { co_return co_await part.json<int>(); }
