// SPDX-License-Identifier: MIT
// Chained setters: of a variable they give the variable, of a temporary the temporary. tests/endpoints has
// those of asyncio.
#include "support/chained_setters.hpp"

#include <aio/http.hpp>
#include <aio/http/json.hpp>

#include <gtest/gtest.h>

namespace aio::http {
namespace {

using tests::expect_chained;

TEST(HttpChainedSetters, KeepWhatTheyAreCalledOn) {
    expect_chained<URLParts>(SETTER(scheme("http")));
    expect_chained<URLParts>(SETTER(user("a")));
    expect_chained<URLParts>(SETTER(password("a")));
    expect_chained<URLParts>(SETTER(host("a")));
    expect_chained<URLParts>(SETTER(port(1)));
    expect_chained<URLParts>(SETTER(path("/")));
    expect_chained<URLParts>(SETTER(query(MultiDict())));
    expect_chained<URLParts>(SETTER(query_string("a")));
    expect_chained<URLParts>(SETTER(fragment("a")));
    expect_chained<ParserOptions>(SETTER(max_line_size(1)));
    expect_chained<ParserOptions>(SETTER(max_field_size(1)));
    expect_chained<ParserOptions>(SETTER(max_headers(1)));
    expect_chained<ParserOptions>(SETTER(max_head_size(1)));
    expect_chained<ParserOptions>(SETTER(max_chunk_extensions(1)));
    expect_chained<ParserOptions>(SETTER(max_trailers_size(1)));
    expect_chained<ParseQslOptions>(SETTER(keep_blank_values(true)));
    expect_chained<ParseQslOptions>(SETTER(strict_parsing(true)));
    expect_chained<ParseQslOptions>(SETTER(max_num_fields(1)));
    expect_chained<MultipartOptions>(SETTER(max_parts(1)));
    expect_chained<MultipartOptions>(SETTER(max_headers(1)));
    expect_chained<MultipartOptions>(SETTER(max_field_size(1)));
    expect_chained<MultipartOptions>(SETTER(max_part_size(1)));
    expect_chained<FieldOptions>(SETTER(filename("a")));
    expect_chained<FieldOptions>(SETTER(content_type("a/b")));
    expect_chained<FormOptions>(SETTER(quote_fields(false)));
    expect_chained<FormOptions>(SETTER(charset("latin-1")));
    expect_chained<PostOptions>(SETTER(max_size(1)));
    expect_chained<PostOptions>(SETTER(max_fields(1)));
    expect_chained<PostOptions>(SETTER(max_files(1)));
    expect_chained<PostOptions>(SETTER(max_text_size(1)));
    expect_chained<PostOptions>(SETTER(spool_size(1)));
    expect_chained<PostOptions>(SETTER(dir("/tmp")));
    expect_chained<DecompressorOptions>(SETTER(max_size(1)));
    expect_chained<DecompressorOptions>(SETTER(max_ratio(1)));
    expect_chained<Payload>(SETTER(content_type("a/b")));
    expect_chained<json::DumpOptions>(SETTER(indent(2)));
    expect_chained<json::LoadOptions>(SETTER(max_depth(1)));
    expect_chained<json::LoadOptions>(SETTER(max_size(1)));
}

}  // namespace
}  // namespace aio::http
