// SPDX-License-Identifier: MIT
#include <support/temporary_folder.hpp>

#include <aio/client/auth/netrc.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

namespace aio::tests {
namespace {

using http::basic_auth_from_netrc;
using http::Netrc;
using http::NetrcParseError;

std::string entry(const Netrc& netrc, std::string_view host) {
    const Netrc::Authenticator* const found = netrc.authenticators(host);
    return found ? found->login + '/' + found->account + '/' + found->password : "none";
}

TEST(NetrcTest, KnowsMachinesAndADefault) {
    const Netrc netrc(
        "machine a.test login me password secret\n"
        "machine b.test\n\tuser you\n\taccount acc\n\tpassword x\n"
        "default login guest password p\n");
    EXPECT_EQ(entry(netrc, "a.test"), "me//secret");
    EXPECT_EQ(entry(netrc, "b.test"), "you/acc/x");
    EXPECT_EQ(entry(netrc, "c.test"), "guest//p");
    EXPECT_EQ(netrc.hosts().size(), 3U);
    EXPECT_EQ(entry(Netrc(), "a.test"), "none");
    EXPECT_EQ(entry(Netrc("machine a.test"), "b.test"), "none");
    EXPECT_EQ(entry(Netrc("machine a.test"), "a.test"), "//");
}

TEST(NetrcTest, WordsMayBeInQuotesOrHaveBackslashes) {
    const Netrc netrc(
        "machine a.test login \"my self\" password \"a\\\"b\\\\c\"\n"
        "machine b.test login a\\ b password #no\\tcomment\n");
    EXPECT_EQ(entry(netrc, "a.test"), "my self//a\"b\\c");
    EXPECT_EQ(entry(netrc, "b.test"), "a b//#notcomment");
}

TEST(NetrcTest, CommentsEndWithTheirLine) {
    const Netrc netrc(
        "# machine x.test login me\n#\n#words of it\n"
        "machine a.test # here as well\n#and here\nlogin me password p #\n");
    EXPECT_EQ(entry(netrc, "a.test"), "me//p");
    EXPECT_EQ(netrc.hosts().size(), 1U);
}

TEST(NetrcTest, MacrosEndWithAnEmptyLine) {
    const Netrc netrc("macdef init\ncd /pub\nls machine x.test\n\nmachine a.test login me password p\n");
    EXPECT_EQ(entry(netrc, "a.test"), "me//p");
    EXPECT_EQ(netrc.macros().at("init"), std::vector<std::string>({"cd /pub\n", "ls machine x.test\n"}));
}

TEST(NetrcTest, WhatIsWrongNamesItsLine) {
    try {
        Netrc("machine a.test login me\n  pass secret\n", "my file");
        ADD_FAILURE() << "it was taken";
    } catch (const NetrcParseError& error) {
        EXPECT_EQ(error.msg(), "bad follower token 'pass'");
        EXPECT_EQ(error.filename(), "my file");
        EXPECT_EQ(error.lineno(), 2U);
        EXPECT_STREQ(error.what(), "bad follower token 'pass' (my file, line 2)");
    }
    EXPECT_THROW(Netrc("login me"), NetrcParseError);
    EXPECT_THROW(Netrc("machine"), NetrcParseError);
    EXPECT_THROW(Netrc("macdef init\nline\n"), NetrcParseError);
}

TEST(NetrcTest, MakesAnAuthorization) {
    const Netrc netrc("machine a.test login a password b\nmachine b.test account a password b\n");
    EXPECT_EQ(basic_auth_from_netrc(netrc, "a.test"), "Basic YTpi");
    EXPECT_EQ(basic_auth_from_netrc(netrc, "b.test"), "Basic YTpi");
    EXPECT_EQ(basic_auth_from_netrc(netrc, "c.test"), std::nullopt);
}

class NetrcFile : public ::testing::Test {
protected:
    NetrcFile() {
        for (const char* const name : {"HOME", "NETRC"}) {
            const char* const value = std::getenv(name);
            before.emplace_back(name, value ? std::optional<std::string>(value) : std::nullopt);
        }
        ::unsetenv("NETRC");
        ::setenv("HOME", folder.path().c_str(), 1);
    }
    ~NetrcFile() override {
        for (const auto& [name, value] : before) {
            ::unsetenv(name.c_str());
            if (value) ::setenv(name.c_str(), value->c_str(), 1);
        }
    }
    std::string write(const std::string& name, const std::string& text, mode_t mode) const {
        const std::string path = folder.file(name);
        std::ofstream(path) << text;
        ::chmod(path.c_str(), mode);
        return path;
    }
    const TemporaryFolder folder;
    std::vector<std::pair<std::string, std::optional<std::string>>> before;
};

TEST_F(NetrcFile, IsTheUsersUnlessTheEnvironmentNamesAnother) {
    EXPECT_FALSE(Netrc::from_env());
    write(".netrc", "machine a.test login me password p\n", 0600);
    EXPECT_EQ(entry(*Netrc::from_env(), "a.test"), "me//p");
    ::setenv("NETRC", write("other", "machine a.test login you password q\n", 0644).c_str(), 1);
    EXPECT_EQ(entry(*Netrc::from_env(), "a.test"), "you//q");
    ::setenv("NETRC", folder.file("nothing").c_str(), 1);
    EXPECT_FALSE(Netrc::from_env());
}

TEST_F(NetrcFile, OthersMustNotBeAbleToReadAPassword) {
    write(".netrc", "machine a.test login me password p\n", 0640);
    EXPECT_THROW(Netrc::from_env(), NetrcParseError);
    write(".netrc", "machine a.test login anonymous password p\n", 0644);
    EXPECT_EQ(entry(*Netrc::from_env(), "a.test"), "anonymous//p");
}

TEST_F(NetrcFile, Load) {
    const std::string path = write("file", "machine a.test login me\nx", 0644);
    try {
        Netrc::load(path);
        ADD_FAILURE() << "it was taken";
    } catch (const NetrcParseError& error) {
        EXPECT_EQ(error.filename(), path);
    }
    EXPECT_THROW(Netrc::load(folder.file("nothing")), FileNotFoundError);
}

}  // namespace
}  // namespace aio::tests
