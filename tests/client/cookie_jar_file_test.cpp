// SPDX-License-Identifier: MIT
// CookieJar.save() and load().
#include <support/temporary_folder.hpp>

#include <aio/base/error.hpp>
#include <aio/client/cookies/cookie_jar.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace aio::tests {
namespace {

using namespace http;
using namespace std::chrono_literals;

class CookieJarFile : public ::testing::Test {
protected:
    CookieJarOptions options() {
        return CookieJarOptions().clock([this] { return now; });
    }
    static void set(CookieJar& jar, const char* url, std::vector<std::string_view> fields) {
        jar.update_cookies_from_headers(fields, URL(url));
    }
    std::string saved() const {
        std::ifstream in(path);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(const std::string& text) const { std::ofstream(path) << text; }

    std::chrono::sys_seconds now{std::chrono::sys_days(std::chrono::year(2030) / 1 / 1)};
    const TemporaryFolder folder;
    const std::string path = folder.file("cookies.json");
};

TEST_F(CookieJarFile, F89_WhatACookieIsSurvives) {
    CookieJar jar(options());
    set(jar, "https://e.test/dir/x",
        {"host=1", "wide=\"a b\"; Domain=e.test; Path=/", "short=3; Max-Age=10; Path=/",
         "full=4; Max-Age=100; Secure; HttpOnly; SameSite=Strict; Partitioned; Path=/"});
    jar.update_cookies(std::vector<Cookie>{Cookie("all", "5")});
    jar.save(path);
    now += 10s;
    CookieJar other(options());
    set(other, "http://old.test/", {"old=1"});
    other.load(path);
    EXPECT_EQ(other.size(), 4U);
    EXPECT_EQ(other.cookie_header(URL("https://e.test/dir/")), "host=1; all=5; wide=\"a b\"; full=4");
    EXPECT_EQ(other.cookie_header(URL("http://sub.e.test/dir/")), "all=5; wide=\"a b\"");
    EXPECT_EQ(other.cookie_header(URL("http://old.test/")), "all=5");
    for (const Cookie& cookie : other.filter_cookies(URL("https://e.test/"))) {
        if (cookie.name() != "full") continue;
        EXPECT_TRUE(cookie.secure() && cookie.httponly() && cookie.partitioned());
        EXPECT_EQ(cookie.samesite(), SameSite::strict);
    }
    now += 90s;
    EXPECT_EQ(other.cookie_header(URL("https://e.test/")), "all=5; wide=\"a b\"");
}

TEST_F(CookieJarFile, IsJsonThatOnlyItsOwnerCanRead) {
    write("old");
    ::chmod(path.c_str(), 0644);
    CookieJar jar(options());
    set(jar, "http://e.test/", {"a=1; Max-Age=60"});
    jar.save(path);
    EXPECT_EQ(
        saved(),
        "{\"version\":1,\"cookies\":[{\"name\":\"a\",\"value\":\"1\",\"domain\":\"e.test\",\"path\":\"/\","
        "\"host_only\":true,\"expires\":1893456060}]}\n");
    struct stat status{};
    ::stat(path.c_str(), &status);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    int files = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder.path()))
        files += file.exists() ? 1 : 0;
    EXPECT_EQ(files, 1);
}

TEST_F(CookieJarFile, WhatIsNoSuchFileChangesNothing) {
    CookieJar jar(options());
    set(jar, "http://e.test/", {"a=1"});
    const std::string begin = "{\"version\":1,\"cookies\":[";
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("{\"version\":2,\"cookies\":[]}"),
          std::string("{\"version\":1,\"cookies\":{}}"), begin + "1]}", begin + "{}]}",
          begin + "{\"name\":\"a\",\"value\":\"1\",\"domain\":\"e.test\",\"path\":\"x\"}]}",
          begin + "{\"name\":\"a\",\"value\":\"1; Secure\",\"domain\":\"e.test\",\"path\":\"/\"}]}",
          begin + "{\"name\":\"a\",\"value\":1,\"domain\":\"e.test\",\"path\":\"/\"}]}",
          begin + "{\"name\":\"a\",\"value\":\"1\",\"domain\":\"e.test\",\"path\":\"/\",\"secure\":1}]}",
          begin + "{\"name\":\"a\",\"value\":\"1\",\"domain\":\"e.test\",\"path\":\"/\",\"expires\":1e99}]}",
          begin + "{\"name\":\"a\",\"value\":\"1\",\"domain\":\"e.test\",\"path\":\"/"
                  "\",\"expires\":9000000000000}]}",
          begin +
              "{\"name\":\"a\",\"value\":\"1\",\"domain\":\"e.test\",\"path\":\"/\",\"samesite\":\"x\"}]}"}) {
        write(text);
        EXPECT_THROW(jar.load(path), ValueError) << text;
    }
    EXPECT_EQ(jar.cookie_header(URL("http://e.test/")), "a=1");
    EXPECT_THROW(jar.load(folder.file("nothing")), FileNotFoundError);
    EXPECT_THROW(jar.save(folder.file("no/where")), FileNotFoundError);
}

}  // namespace
}  // namespace aio::tests
