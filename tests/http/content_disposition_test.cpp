// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/http.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace aio::tests {
namespace {

TEST(HttpContentDisposition, HasTheNameOfAFile) {
    const auto filename = [](std::string_view text) {
        const auto disposition = http::ContentDisposition::parse(text);
        return disposition ? disposition->filename().value_or("no name") : "none";
    };
    EXPECT_EQ(filename("attachment"), "no name");
    EXPECT_EQ(filename("Attachment; filename=a.txt"), "a.txt");
    EXPECT_EQ(filename("attachment; filename=\"a \\\"b\\\".txt\""), "a \"b\".txt");
    EXPECT_EQ(filename("attachment; filename=\"EUR.txt\"; filename*=UTF-8''%e2%82%ac.txt"),
              "\xe2\x82\xac.txt");
    EXPECT_EQ(filename("attachment; filename*=utf-8'en'%e2%82%ac.txt; filename=x"), "\xe2\x82\xac.txt");
    EXPECT_EQ(filename("attachment; filename*=iso-8859-1''%a3.txt"), "\xc2\xa3.txt");
    EXPECT_EQ(filename("attachment; filename*=koi8-r''%a3.txt; filename=x.txt"), "x.txt");
    EXPECT_EQ(filename("attachment; filename*=UTF-8'%a3.txt"), "no name");
    EXPECT_EQ(filename("attachment; filename*=UTF-8''a%2; filename=x"), "a%2");
    EXPECT_EQ(filename("attachment; filename*=UTF-8''%zz%41"), "%zzA");
    EXPECT_EQ(filename("attachment; filename*0=a; filename*1=b.txt; filename*3=c"), "ab.txt");
    EXPECT_EQ(filename("attachment; filename*0*=UTF-8''%e2%82; filename*1*=%ac; filename*2=\"%41\""),
              "\xe2\x82\xac%41");
    EXPECT_EQ(filename("form-data; name=x; filename=\"\""), "no name");
    EXPECT_EQ(filename("; filename=a"), "none");
    EXPECT_EQ(filename("attachment filename=a"), "none");
    EXPECT_EQ(filename("\"attachment\"; filename=a"), "none");
}

TEST(HttpContentDisposition, NamesOfFilesLeadNowhere) {
    const auto filename = [](const std::string& name) {
        return http::ContentDisposition::parse("attachment; filename*=UTF-8''" + name)
            ->filename()
            .value_or("no name");
    };
    EXPECT_EQ(filename("..%2f..%2fetc%2fpasswd"), "passwd");
    EXPECT_EQ(filename("%2fetc%2f"), "no name");
    EXPECT_EQ(filename("C:%5cwindows%5ca.exe"), "a.exe");
    for (const std::string name : {"..", ".", "a%2f..", "a%00b", "a%0d%0ab", "%7f", ""})
        EXPECT_EQ(filename(name), "no name") << name;
}

TEST(HttpContentDisposition, WritesNamesOfAllKinds) {
    const auto written = [](std::string_view name) {
        http::ContentDisposition disposition("attachment");
        disposition.set_filename(name);
        EXPECT_EQ(http::ContentDisposition::parse(disposition.str())->filename(), name);
        return disposition.str();
    };
    EXPECT_EQ(written("a b.txt"), "attachment; filename=\"a b.txt\"");
    EXPECT_EQ(written("a\"; x=\"b.txt"), "attachment; filename=\"a\\\"; x=\\\"b.txt\"");
    EXPECT_EQ(written("\xe2\x82\xac 5.txt"),
              "attachment; filename=\"_ 5.txt\"; filename*=UTF-8''%E2%82%AC%205.txt");
    http::ContentDisposition disposition("form-data");
    disposition.set_filename("\xe2\x82\xac");
    disposition.set_filename("plain");
    EXPECT_EQ(disposition.str(), "form-data; filename=\"plain\"");
    for (const std::string& bad : {std::string("a\r\nb"), std::string("a\0b", 3), std::string("\x7f")}) {
        EXPECT_THROW(disposition.set_filename(bad), ValueError);
        EXPECT_THROW(disposition.parameters().set("name", bad), ValueError);
    }
    disposition.parameters().set("x*", "a; b=\"c\"");
    EXPECT_EQ(disposition.str(), "form-data; filename=\"plain\"; x*=\"a; b=\\\"c\\\"\"");
    EXPECT_THROW(http::ContentDisposition("a b"), ValueError);
}

}  // namespace
}  // namespace aio::tests
