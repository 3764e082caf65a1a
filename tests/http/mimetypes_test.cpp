// SPDX-License-Identifier: MIT
#include <aio/http.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

// As Python's mimetypes has them, but for scripts, which are text since 3.12, and capitals, which change
// nothing here.
TEST(HttpMimeTypes, AreGuessedByName) {
    const auto guess = [](std::string_view name) {
        const auto [type, encoding] = http::guess_type(name);
        return std::string(type.value_or("-")) + ' ' + std::string(encoding.value_or("-"));
    };
    const std::vector<std::pair<std::string, std::string>> rows = {{"a.html", "text/html -"},
                                                                   {"a.tar.gz", "application/x-tar gzip"},
                                                                   {"a.tgz", "application/x-tar gzip"},
                                                                   {"A.TXT", "text/plain -"},
                                                                   {"x.svgz", "image/svg+xml gzip"},
                                                                   {"a.unknown", "- -"},
                                                                   {".htaccess", "- -"},
                                                                   {"a.", "- -"},
                                                                   {"dir.d/file", "- -"},
                                                                   {"a.json.br", "application/json br"},
                                                                   {"a.css", "text/css -"},
                                                                   {"a.py", "text/x-python -"},
                                                                   {"a.csv", "text/csv -"},
                                                                   {"a.xml", "text/xml -"},
                                                                   {"a.mp4", "video/mp4 -"},
                                                                   {"a.png", "image/png -"},
                                                                   {"a.pdf", "application/pdf -"},
                                                                   {"a.gz", "- gzip"},
                                                                   {".tar.gz", "- gzip"},
                                                                   {"..txt", "- -"},
                                                                   {"a.TAR.GZ", "application/x-tar gzip"},
                                                                   {"a.tz", "application/x-tar gzip"},
                                                                   {"a.txz", "application/x-tar xz"},
                                                                   {"a.tbz2", "application/x-tar bzip2"},
                                                                   {"a.js", "text/javascript -"},
                                                                   {"/b/c.d/a.webp", "image/webp -"},
                                                                   {"", "- -"}};
    for (const auto& [name, expected] : rows) EXPECT_EQ(guess(name), expected) << name;
    EXPECT_EQ(http::guess_extension("text/HTML"), ".html");
    EXPECT_EQ(http::guess_extension("image/jpeg"), ".jpg");
    EXPECT_EQ(http::guess_extension("font/woff2"), ".woff2");
    EXPECT_EQ(http::guess_extension("what/ever"), std::nullopt);
}

}  // namespace
}  // namespace aio::tests
