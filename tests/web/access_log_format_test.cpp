// SPDX-License-Identifier: MIT
#include <aio/web/log/access_log_format.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace aio::tests {
namespace {

using namespace std::chrono_literals;

class Record final : public web::AccessLogRecord {
public:
    std::string_view remote() const override { return client; }
    std::string_view method() const override { return verb; }
    std::string_view target() const override { return path; }
    std::string_view version() const override { return "1.1"; }
    std::optional<std::string_view> request_header(std::string_view name) const override {
        return find(request, name);
    }
    int status() const override { return 200; }
    std::uint64_t body_length() const override { return 1234; }
    std::optional<std::string_view> response_header(std::string_view name) const override {
        return find(response, name);
    }
    std::chrono::system_clock::time_point started() const override { return begin; }
    std::chrono::nanoseconds duration() const override { return time; }

    std::string client = "127.0.0.1";
    std::string verb = "GET";
    std::string path = "/a?b=c";
    std::map<std::string, std::string, std::less<>> request;
    std::map<std::string, std::string, std::less<>> response;
    std::chrono::system_clock::time_point begin{1700000000s};
    std::chrono::nanoseconds time = 3141593us;

private:
    static std::optional<std::string_view> find(const std::map<std::string, std::string, std::less<>>& fields,
                                                std::string_view name) {
        const auto found = fields.find(name);
        if (found == fields.end()) return std::nullopt;
        return found->second;
    }
};

std::string line(std::string_view format, const Record& record = Record()) {
    return web::AccessLogFormat(format).line(record);
}

TEST(AccessLogFormat, HasAiohttpsAtoms) {
    EXPECT_EQ(line("%a"), "127.0.0.1");
    EXPECT_EQ(line("%P"), "<" + std::to_string(::getpid()) + ">");
    EXPECT_EQ(line("%r"), "GET /a?b=c HTTP/1.1");
    EXPECT_EQ(line("%s %b"), "200 1234");
    EXPECT_EQ(line("%T %Tf %D"), "3 3.141593 3141593");
    EXPECT_EQ(line("%%a 100%% %x % %"), "%a 100% %x % %");
    EXPECT_EQ(line(""), "");
}

TEST(AccessLogFormat, HasFieldsAndTheEnvironment) {
    Record record;
    record.request["User-Agent"] = "Mock/1.0";
    record.response["X-One"] = "1";
    EXPECT_EQ(line("%{User-Agent}i %{X-One}o", record), "Mock/1.0 1");
    EXPECT_EQ(line("%{None}i %{None}o %{AIO_TEST_NO_SUCH_VARIABLE}e", record), "- - -");
    EXPECT_EQ(line("%{HOME}e"), std::getenv("HOME") != nullptr ? std::getenv("HOME") : "-");
    EXPECT_EQ(line("%{}i %{a b}i %{User-Agent}x %{User-Agent %{X", record),
              "%{}i %{a b}i %{User-Agent}x %{User-Agent %{X");
}

TEST(AccessLogFormat, TheUsualOneIsAiohttps) {
    Record record;
    record.request["User-Agent"] = "Mock/1.0";
    const std::string text = line(web::AccessLogFormat::kDefault, record);
    EXPECT_TRUE(text.starts_with("127.0.0.1 [")) << text;
    EXPECT_TRUE(text.ends_with("] \"GET /a?b=c HTTP/1.1\" 200 1234 \"-\" \"Mock/1.0\"")) << text;
}

TEST(AccessLogFormat, TellsTheTimeWhereItIs) {
    Record record;
    const std::time_t seconds = std::chrono::system_clock::to_time_t(record.begin);
    std::tm local{};
    localtime_r(&seconds, &local);
    char expected[64];
    std::strftime(expected, sizeof(expected), "[%d/%b/%Y:%H:%M:%S %z]", &local);
    web::AccessLogFormat format("%t");
    EXPECT_EQ(format.line(record), expected);
    EXPECT_EQ(format.line(record), expected);
    record.begin += 1s;
    EXPECT_NE(format.line(record), expected);
}

TEST(AccessLogFormat, RoundsAsPythonDoes) {
    const auto after = [](std::chrono::nanoseconds time) {
        Record record;
        record.time = time;
        return line("%T %D %Tf", record);
    };
    EXPECT_EQ(after(0ns), "0 0 0.000000");
    EXPECT_EQ(after(500ms), "0 500000 0.500000");
    EXPECT_EQ(after(1500ms), "2 1500000 1.500000");
    EXPECT_EQ(after(2500ms), "2 2500000 2.500000");
    EXPECT_EQ(after(2500ms + 1ns), "3 2500000 2.500000");
    EXPECT_EQ(after(1500ns), "0 2 0.000002");
}

TEST(AccessLogFormat, NobodyForgesALineOrAnEntry) {
    Record record;
    record.path = "/\r\n127.0.0.1 \"GET /admin\" \x1b[31m\x7f";
    record.client = "unix:\n";
    record.verb = "GET\"";
    record.request["User-Agent"] = "a\" 200 \"b\\\" é\t";
    EXPECT_EQ(line("%a \"%r\" \"%{User-Agent}i\"", record),
              "unix:\\x0A \"GET\\\" /\\x0D\\x0A127.0.0.1 \\\"GET /admin\\\" \\x1B[31m\\x7F HTTP/1.1\" "
              "\"a\\\" 200 \\\"b\\\\\\\" \\xC3\\xA9\\x09\"");
    Record nobody;
    nobody.client.clear();
    EXPECT_EQ(line("%a", nobody), "-");
}

}  // namespace
}  // namespace aio::tests
