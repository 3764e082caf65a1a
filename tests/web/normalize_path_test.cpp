// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/web/router/normalize_path.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace aio::tests {
namespace {

using web::normalized_paths;
using web::NormalizePathOptions;
using Paths = std::vector<std::string>;

TEST(NormalizedPaths, AreTriedInAiohttpsOrder) {
    EXPECT_EQ(normalized_paths("/a//b"), (Paths{"/a/b", "/a//b/", "/a/b/"}));
    EXPECT_EQ(normalized_paths("/a//b/"), (Paths{"/a/b/"}));
    EXPECT_EQ(normalized_paths("/a/b"), (Paths{"/a/b/"}));
    EXPECT_EQ(normalized_paths("/a/b/"), Paths{});
    EXPECT_EQ(normalized_paths("/"), Paths{});
    EXPECT_EQ(normalized_paths("/a%2F"), Paths{});
}

TEST(NormalizedPaths, LoseTheirSlashIfAsked) {
    const auto remove = NormalizePathOptions().append_slash(false).remove_slash(true);
    EXPECT_EQ(normalized_paths("/a//b//", remove), (Paths{"/a/b/", "/a//b/", "/a/b"}));
    EXPECT_EQ(normalized_paths("/a/b/", remove), (Paths{"/a/b"}));
    EXPECT_EQ(normalized_paths("/a/b", remove), Paths{});
    EXPECT_EQ(normalized_paths("/", remove), Paths{});
    EXPECT_THROW((void)normalized_paths("/", NormalizePathOptions().remove_slash(true)), ValueError);
}

TEST(NormalizedPaths, KeepSeveralSlashesIfAsked) {
    const auto keep = NormalizePathOptions().merge_slashes(false);
    EXPECT_EQ(normalized_paths("/a//b", keep), (Paths{"/a//b/"}));
    EXPECT_EQ(normalized_paths("/a//b/", keep), Paths{});
    EXPECT_EQ(normalized_paths("/a//b", NormalizePathOptions().append_slash(false)), (Paths{"/a/b"}));
}

}  // namespace
}  // namespace aio::tests
