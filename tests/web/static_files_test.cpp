// SPDX-License-Identifier: MIT
#include "web/web_test.hpp"

#include <aio/web/files/open_file_impl.hpp>
#include <aio/web/files/static_files.hpp>
#include <support/failing_calls.hpp>
#include <support/temporary_folder.hpp>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace aio::tests {
namespace {

using web::Application;
using web::StaticOptions;

// A folder "public" with files, and what is beside it is nobody's business.
struct StaticFilesTest : WebTest {
    StaticFilesTest() {
        std::filesystem::create_directories(folder.file("public/sub"));
        write("secret.txt", "secret");
        write("public/a.txt", "abc");
        write("public/sub/b.txt", "bcd");
        write("public/<b>&\"'.txt", "odd");
        std::filesystem::create_symlink("a.txt", folder.file("public/inner"));
        std::filesystem::create_symlink("../secret.txt", folder.file("public/outer"));
        std::filesystem::create_symlink(folder.file("secret.txt"), folder.file("public/absolute"));
        std::filesystem::create_directory_symlink("..", folder.file("public/up"));
    }
    void write(const std::string& name, std::string_view text) const {
        std::ofstream(folder.file(name), std::ios::binary) << text;
    }
    Application app(const StaticOptions& options = StaticOptions()) const {
        Application made;
        made.router().add_static("/static", folder.file("public"), options);
        return made;
    }
    // Status and body.
    std::string get(const Application& app, const std::string& target, const std::string& method = "GET") {
        const std::string all = run([&]() -> Coro<std::string> {
            co_await app.startup();
            const web::Handler handler([app](web::Request& request) { return app.handle(request); });
            std::string answer =
                co_await talk(handler, method + " " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
            co_await app.shutdown();
            co_await app.cleanup();
            co_return answer;
        });
        return all.substr(9, 3) + " " + all.substr(all.find("\r\n\r\n") + 4);
    }

    TemporaryFolder folder;
};

TEST_F(StaticFilesTest, AreRoutesOfATable) {
    const web::RouteDef files = web::static_("/f", folder.file("public"), StaticOptions().name("files"));
    EXPECT_EQ(files.repr(), "<StaticDef /f name='files'>");
    Application made;
    EXPECT_EQ(made.add_routes({files}).size(), 2U);
    EXPECT_EQ(get(made, "/f/sub/b.txt"), "200 bcd");
    EXPECT_EQ(get(made, "/f/outer"), "404 404: Not Found");
    web::RouteTableDef table;
    table.static_("/none", folder.file("none"));
    web::UrlDispatcher other;
    EXPECT_THROW(other.add_routes(table), ValueError);
}

TEST_F(StaticFilesTest, AreSent) {
    EXPECT_EQ(get(app(), "/static/a.txt"), "200 abc");
    EXPECT_EQ(get(app(), "/static/sub/b.txt"), "200 bcd");
    EXPECT_EQ(get(app(), "/static/sub/../a.txt"), "200 abc");
    EXPECT_EQ(get(app(), "/static/sub%2Fb.txt"), "200 bcd");
    EXPECT_EQ(get(app(), "/static/a.txt", "HEAD"), "200 ");
    EXPECT_EQ(get(app(), "/static/none").substr(0, 3), "404");
    EXPECT_EQ(get(app(), "/static/a.txt/b").substr(0, 3), "404");
    EXPECT_EQ(get(app(), "/static/a.txt", "POST").substr(0, 3), "405");
}

TEST_F(StaticFilesTest, OutsideOfTheFolderAreNotSent) {
    for (const bool links : {false, true}) {
        const auto all = app(StaticOptions().break_symlink_sandbox(links).show_index(true));
        for (const char* target : {"/static/../secret.txt",
                                   "/static/..%2fsecret.txt",
                                   "/static/..%2Fsecret.txt",
                                   "/static/%2e%2e/secret.txt",
                                   "/static/%2e%2e%2fsecret.txt",
                                   "/static/sub/../../secret.txt",
                                   "/static/sub%2F..%2F..%2Fsecret.txt",
                                   "/static/./..%2fsecret.txt",
                                   "/static/..%2f",
                                   "/static/..",
                                   "/static/%2e%2e",
                                   "/static//etc/passwd",
                                   "/static/%2Fetc%2Fpasswd",
                                   "/static/a.txt%00",
                                   "/static/a.txt%00.jpg",
                                   "/static/%00",
                                   "/static/..%5Csecret.txt",
                                   "/static/....//secret.txt",
                                   "/static/..%252fsecret.txt",
                                   "/static/..%c0%afsecret.txt",
                                   "/static/sub/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd"}) {
            EXPECT_EQ(get(all, target).substr(0, 3), "404") << target << (links ? " with links" : "");
        }
    }
}

TEST_F(StaticFilesTest, LinksLeadOutOnlyIfThatIsWanted) {
    EXPECT_EQ(get(app(), "/static/inner"), "200 abc");
    EXPECT_EQ(get(app(), "/static/outer").substr(0, 3), "404");
    EXPECT_EQ(get(app(), "/static/absolute").substr(0, 3), "404");
    EXPECT_EQ(get(app(), "/static/up/secret.txt").substr(0, 3), "404");
    const auto out = app(StaticOptions().break_symlink_sandbox(true));
    EXPECT_EQ(get(out, "/static/outer"), "200 secret");
    EXPECT_EQ(get(out, "/static/absolute"), "200 secret");
    EXPECT_EQ(get(out, "/static/up/secret.txt"), "200 secret");
    EXPECT_EQ(get(out, "/static/sub/../../secret.txt").substr(0, 3), "404");
}

TEST_F(StaticFilesTest, OfAFolderAreListedIfThatIsWanted) {
    EXPECT_EQ(get(app(), "/static").substr(0, 3), "403");
    EXPECT_EQ(get(app(), "/static/sub/").substr(0, 3), "403");
    const auto listed = app(StaticOptions().show_index(true));
    const std::string root = get(listed, "/static/");
    EXPECT_EQ(root.substr(0, 3), "200");
    for (const char* part : {"<title>Index of /</title>", "<a href=\"/static/a.txt\">a.txt</a>",
                             "<a href=\"/static/sub/\">sub/</a>", "<a href=\"/static/up\">up</a>",
                             ">&lt;b&gt;&amp;&quot;&#x27;.txt</a>"}) {
        EXPECT_NE(root.find(part), root.npos) << part << " is not in " << root;
    }
    EXPECT_EQ(root.find("<b>"), root.npos);
    const std::string sub = get(listed, "/static/sub");
    EXPECT_NE(sub.find("<h1>Index of /sub/</h1>"), sub.npos) << sub;
    EXPECT_NE(sub.find("<a href=\"/static/sub/b.txt\">b.txt</a>"), sub.npos) << sub;
    EXPECT_EQ(get(listed, "/static/up").substr(0, 3), "404");
}

// To open one would wait for somebody who writes into it.
TEST_F(StaticFilesTest, ThatAreNoFilesAreNotOpened) {
    ASSERT_EQ(::mkfifo(folder.file("public/pipe").c_str(), 0600), 0);
    EXPECT_EQ(get(app(), "/static/pipe").substr(0, 3), "403");
}

// --- how they are opened ------------------------------------------------------------------------------

using web::detail::FilePlace;
using web::detail::open_cached_file;
using web::detail::open_file;

constexpr std::uint64_t kCached = 0x20;  // RESOLVE_CACHED, since Linux 5.12

// What is in it and its coding, or why it cannot be sent.
std::string told(const web::detail::OpenFile& file) {
    if (file.error != 0) return std::generic_category().message(file.error);
    char text[100];
    const ssize_t count = ::pread(file.fd.get(), text, sizeof text, 0);
    return std::string(file.coding) + ":" + std::string(text, static_cast<std::size_t>(count));
}

struct OpeningTest : StaticFilesTest {
    OpeningTest() {
        write("public/c.txt", "plain");
        write("public/c.txt.gz", "zipped");
        for (const char* name :
             {"a.txt", "sub/b.txt", "inner", "outer", "absolute", "up/secret.txt", "sub", "none", "none/none",
              "a.txt/b", "../secret.txt", "sub/../a.txt", "c.txt", ""}) {
            names.emplace_back(name);
        }
    }
    // Asked of the kernel, so that code which opens nothing at once fails and is not skipped.
    bool kernel_tells() const {
        open_how how{};
        how.flags = O_PATH | O_CLOEXEC;
        how.resolve = kCached;
        const long fd = ::syscall(SYS_openat2, AT_FDCWD, folder.path().c_str(), &how, sizeof how);
        if (fd >= 0) ::close(static_cast<int>(fd));
        return fd >= 0 || errno == EAGAIN;
    }
    bool on_disk() const {
        struct stat found{};
        return ::stat(folder.path().c_str(), &found) == 0 && major(found.st_dev) != 0;
    }
    FilePlace in_root(const std::string& name, bool follow_symlinks) const {
        return {folder.file("public"), name, follow_symlinks};
    }
    std::vector<std::string> names;
};

TEST_F(OpeningTest, WithoutAThreadIsNoDifferent) {
    int opened = 0;
    const auto compare = [&](const FilePlace& place, web::detail::AcceptedCodings accepted) {
        const std::string there = told(open_file(place, accepted));
        const auto cached = open_cached_file(place, accepted);
        if (!cached) return;
        EXPECT_EQ(told(*cached), there) << place.path;
        opened += cached->error == 0 ? 1 : 0;
    };
    for (const std::string& name : names) {
        for (const bool gzip : {false, true}) {
            compare(in_root(name, false), {.gzip = gzip});
            compare(in_root(name, true), {.gzip = gzip});
            compare({"", folder.file("public/" + name)}, {.gzip = gzip});
        }
    }
    EXPECT_FALSE(open_cached_file(in_root("sub", false), {})) << "a listing reads from the disk";
    if (!kernel_tells()) GTEST_SKIP() << "the kernel has no openat2() or no RESOLVE_CACHED (Linux 5.12)";
    if (!on_disk())
        GTEST_SKIP() << folder.path()
                     << " lies on no disk of this machine, as on tmpfs: by rule a thread opens it";
    EXPECT_GE(opened, 10);
}

TEST_F(OpeningTest, OnlyOrdinaryFilesAreOpenedWithoutAThread) {
    ASSERT_EQ(::mkfifo(folder.file("public/pipe").c_str(), 0600), 0);
    for (const FilePlace& place :
         {in_root("pipe", false), FilePlace{"", "/dev/null"}, FilePlace{"", "/proc/self/maps"}}) {
        open_file(place, {});
        EXPECT_FALSE(open_cached_file(place, {})) << place.path;
    }
}

TEST_F(OpeningTest, AsTheKernelAllows) {
    const std::string link = std::generic_category().message(ELOOP);
    for (const int error : {EAGAIN, EINVAL, ENOSYS, EPERM}) {
        // The last two refuse the call, the others what is asked of it, one of them only below a root.
        const bool knows_call = error == EAGAIN || error == EINVAL;
        const auto refuse = [&](const seccomp_data& call) {
            const auto* const how = reinterpret_cast<const open_how*>(call.args[2]);
            if (knows_call && (how->resolve & kCached) == 0) return 0;
            return error == EAGAIN && static_cast<int>(call.args[0]) == AT_FDCWD ? 0 : error;
        };
        std::vector<std::string> safe;
        std::vector<std::string> linked;
        with_failing_calls({SYS_openat2}, refuse, [&] {
            for (const std::string& name : names) {
                EXPECT_FALSE(open_cached_file(in_root(name, false), {})) << name;
                safe.push_back(told(open_file(in_root(name, false), {})));
                linked.push_back(told(open_file(in_root(name, true), {})));
            }
            EXPECT_EQ(told(open_file({"", folder.file("public/a.txt")}, {})), ":abc");
        });
        EXPECT_EQ(safe[0], ":abc");
        EXPECT_EQ(safe[1], ":bcd");
        EXPECT_EQ(safe[2], knows_call ? ":abc" : link);
        for (const std::size_t outside : {3U, 4U, 5U, 10U})
            EXPECT_NE(safe[outside], ":secret") << names[outside];
        EXPECT_EQ(linked[2], ":abc");
        EXPECT_EQ(linked[3], ":secret");
        EXPECT_EQ(linked[12], ":plain");
    }
}

// To find a link's ".." the kernel begins anew if somebody renames a folder meanwhile.
TEST_F(OpeningTest, AgainIfSomethingWasRenamedMeanwhile) {
    int left = 3;
    const auto refuse = [&](const seccomp_data&) { return left-- > 0 ? EAGAIN : 0; };
    with_failing_calls({SYS_openat2}, refuse,
                       [&] { EXPECT_EQ(told(open_file(in_root("a.txt", false), {})), ":abc"); });
    EXPECT_EQ(left, -1);
}

TEST_F(StaticFilesTest, HaveTheHashOfWhatIsInThemAsVersion) {
    web::UrlDispatcher router;
    web::StaticResource& files = router.add_static("/st", folder.file("public"));
    EXPECT_EQ(files.url_for("a.txt").str(), "/st/a.txt");
    EXPECT_EQ(files.url_for("/a.txt", true).str(),
              "/st/a.txt?v=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0%3D");
    EXPECT_EQ(files.url_for("none", true).str(), "/st/none");
    EXPECT_EQ(files.url_for("sub", true).str(), "/st/sub");
    EXPECT_EQ(files.url_for("outer", true).str(), "/st/outer");
    EXPECT_EQ(files.url_for("../secret.txt", true).str(), "/st/../secret.txt");
}

TEST_F(StaticFilesTest, AreOfAFolderThatIsThere) {
    web::UrlDispatcher router;
    EXPECT_THROW(router.add_static("/", folder.file("none")), ValueError);
    EXPECT_THROW(router.add_static("/", folder.file("secret.txt")), ValueError);
    EXPECT_NO_THROW(router.add_static("/home", "~"));
}

}  // namespace
}  // namespace aio::tests
