// SPDX-License-Identifier: MIT
#include <aio/http/fields/charset.hpp>
#include <support/trace.hpp>

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace aio::tests {
namespace {

using http::decode;
using http::encode;
using http::UnicodeDecodeError;
using http::UnicodeEncodeError;

const std::string kEuro = "\xE2\x82\xAC";
const std::string kMarkOfError = "\xEF\xBF\xBD";

TEST(Charset, Utf8IsLookedAtAndGivenBack) {
    std::string text = "a long enough text, with \xC3\xBC and " + kEuro + " and \xF0\x9F\x98\x80";
    const std::string same = text;
    const char* const where = text.data();
    text = decode(std::move(text));
    EXPECT_EQ(text, same);
    EXPECT_EQ(text.data(), where) << "it is not copied";
    EXPECT_EQ(encode(same, "UTF8"), same);
    EXPECT_EQ(decode("\xEF\xBB\xBFx", "utf-8-sig"), "x");
    EXPECT_EQ(decode("\xEF\xBB\xBFx", "utf-8"), "\xEF\xBB\xBFx");
    EXPECT_EQ(encode("x", "utf-8-sig"), "\xEF\xBB\xBFx");
}

TEST(Charset, WhatIsNoUtf8) {
    for (const std::string_view bad : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
        const std::string bytes = "12345678" + std::string(bad) + "z";
        EXPECT_THROW(decode(bytes), UnicodeDecodeError);
        EXPECT_EQ(decode(bytes, "utf-8", "ignore"), "12345678z");
        EXPECT_EQ(decode(bytes, "utf-8", "replace").substr(0, 11), "12345678" + kMarkOfError);
    }
    EXPECT_EQ(thrown<ValueError>([] { decode("abc\xFF"); }),
              "'utf-8' codec can't decode byte in position 3: invalid UTF-8");
    try {
        decode("abc\xFF");
    } catch (const UnicodeDecodeError& error) {
        EXPECT_EQ(error.start(), 3U);
    }
    // As Python 3.11 has it: the beginning of a character is one.
    EXPECT_EQ(decode("a\xE2\x82z\xFF\xFF", "utf-8", "replace"),
              "a" + kMarkOfError + "z" + kMarkOfError + kMarkOfError);
}

TEST(Charset, Latin1AndAsciiArePythons) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    EXPECT_EQ(encode(decode(all, "latin-1"), "iso-8859-1"), all);
    EXPECT_EQ(decode("\xE4\x80", "ISO8859-1"), "\xC3\xA4\xC2\x80");
    EXPECT_THROW(encode(kEuro, "latin1"), UnicodeEncodeError);
    EXPECT_THROW(encode("\xC4\x80", "latin1"), UnicodeEncodeError) << "the first one that is not in it";
    EXPECT_EQ(encode("a" + kEuro + "\xFF", "latin1", "replace"), "a??");
    EXPECT_EQ(encode("a" + kEuro, "latin1", "ignore"), "a");
    EXPECT_EQ(decode("abc", "ascii"), "abc");
    EXPECT_THROW(decode("\x80", "us-ascii"), UnicodeDecodeError);
    EXPECT_EQ(decode("a\x80z", "ascii", "replace"), "a" + kMarkOfError + "z");
    EXPECT_THROW(encode("\xC3\xBC", "ascii"), UnicodeEncodeError);
    EXPECT_EQ(encode("\xC3\xBC", "ascii", "replace"), "?");
}

// The bytes are python3's.
TEST(Charset, OfTheSystem) {
    struct Row {
        const char* charset;
        std::string text;
        std::string bytes;
    };
    const Row rows[] = {
        {"windows-1252", kEuro, "\x80"},
        {"cp1251", "\xD0\x96", "\xC6"},
        {"ISO-8859-15", kEuro, "\xA4"},
        {"iso8859_2", "\xC4\x84", "\xA1"},
        {"koi8-r", "\xD0\x96", "\xF6"},
        {"Shift_JIS", "\xE6\x97\xA5", "\x93\xFA"},
        {"euc-jp", "\xE6\x97\xA5", "\xC6\xFC"},
        {"iso-2022-jp", "\xE6\x97\xA5", "\x1B$BF|\x1B(B"},
        {"gb18030", kEuro, "\xA2\xE3"},
        {"gb2312", "\xE6\x97\xA5", "\xC8\xD5"},
        {"big5", "\xE6\x97\xA5", "\xA4\xE9"},
        {"euc-kr", "\xEA\xB0\x80", "\xB0\xA1"},
        {"utf-16-be", "ab", std::string("\0a\0b", 4)},
        {"utf-32be", "a", std::string("\0\0\0a", 4)},
        {"macintosh", "\xC3\xA4", "\x8A"},
        {"ibm866", "\xD0\x96", "\x86"},
    };
    for (const Row& row : rows) {
        EXPECT_TRUE(http::is_charset(row.charset)) << row.charset;
        EXPECT_EQ(encode(row.text, row.charset), row.bytes) << row.charset;
        EXPECT_EQ(decode(row.bytes, row.charset), row.text) << row.charset;
    }
    EXPECT_EQ(decode(std::string("\x3D\xD8\x00\xDE", 4), "utf-16le"), "\xF0\x9F\x98\x80");
    EXPECT_EQ(decode("\xFF\xFE"
                     "a" +
                         std::string(1, '\0'),
                     "utf-16"),
              "a");
    const std::string large(100'000, 'x');
    EXPECT_EQ(decode(encode(large + kEuro, "utf-16le"), "utf-16le"), large + kEuro);
}

TEST(Charset, ErrorsOfTheSystems) {
    EXPECT_THROW(decode("a\x81\x20", "shift_jis"), UnicodeDecodeError);
    EXPECT_EQ(decode("a\xFF"
                     "b",
                     "euc-jp", "replace"),
              "a" + kMarkOfError + "b");
    EXPECT_EQ(decode("a\xFF"
                     "b",
                     "euc-jp", "ignore"),
              "ab");
    EXPECT_THROW(decode("\x93", "cp932"), UnicodeDecodeError) << "half a character at the end";
    EXPECT_EQ(decode("x\x93", "cp932", "replace"), "x" + kMarkOfError);
    EXPECT_EQ(decode(std::string("\x00\xD8"
                                 "a\0b\0",
                                 6),
                     "utf-16le", "replace"),
              kMarkOfError + "ab");
    EXPECT_THROW(encode(kEuro, "koi8-r"), UnicodeEncodeError);
    EXPECT_EQ(encode("a" + kEuro + "b", "koi8-r", "replace"), "a?b");
    EXPECT_EQ(encode("a" + kEuro + "b", "koi8-r", "ignore"), "ab");
    EXPECT_EQ(encode("\xE6\x97\xA5" + kEuro + "\xE6\x97\xA5", "iso-2022-jp", "replace"),
              "\x1B$BF|\x1B(B?\x1B$BF|\x1B(B");
    EXPECT_THROW(encode("\xFF", "koi8-r"), UnicodeEncodeError);
}

TEST(Charset, UnknownNames) {
    for (const std::string_view name : {"", "x", "utf-7", "iso-8859-12", "iso-8859-17", "iso-8859-", "cp1259",
                                        "utf-8//TRANSLIT", "ISO-2022-CN-EXT", "../../x", "utf-8\n"}) {
        EXPECT_FALSE(http::is_charset(name)) << name;
        EXPECT_THROW(decode("x", name), LookupError) << name;
        EXPECT_THROW(encode("x", name), LookupError) << name;
    }
    EXPECT_FALSE(http::is_charset(std::string(1000, 'x')));
    EXPECT_EQ(thrown<LookupError>([] { decode("x", "x-mine"); }), "unknown encoding: x-mine");
    EXPECT_EQ(thrown<LookupError>([] { decode("x", "utf-8", "surrogateescape"); }),
              "unknown error handler name 'surrogateescape'");
    EXPECT_TRUE(http::is_charset(" UTF 8 "));
    EXPECT_TRUE(http::is_charset("Windows_1252"));
}

}  // namespace
}  // namespace aio::tests
