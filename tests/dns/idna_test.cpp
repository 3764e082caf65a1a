// SPDX-License-Identifier: MIT
#include <dns/dns_support.hpp>
#include <support/caught.hpp>

namespace aio::tests {
namespace {

TEST(Idna, EncodesLabelByLabel) {
    EXPECT_EQ(dns::idna_encode("bücher.example"), "xn--bcher-kva.example");
    EXPECT_EQ(dns::idna_encode("BÜCHER.Example"), "xn--bcher-kva.example");
    EXPECT_EQ(dns::idna_encode("straße.de"), "xn--strae-oqa.de");
    EXPECT_EQ(dns::idna_encode("例え。テスト"), "xn--r8jz45g.xn--zckzah");
    EXPECT_EQ(dns::idna_encode("bu\xcc\x88"
                               "cher.example"),
              "xn--bcher-kva.example");  // u and the two dots
}

TEST(Idna, LeavesWhatIsAscii) {
    for (const char* const name :
         {"", ".", "Www.Example.org", "_http._tcp.example", "a..b", "xn--bcher-kva.example"}) {
        EXPECT_EQ(dns::idna_encode(name), name);
    }
}

TEST(Idna, RefusesWhatIsNoName) {
    EXPECT_NE(thrown<ValueError>([] { dns::idna_encode("\xff\xfe"); }).find("codec failed"),
              std::string::npos);
    EXPECT_NE(thrown<ValueError>([] { dns::idna_encode("ü" + std::string(70, 'x')); }).find("codec failed"),
              std::string::npos);
    EXPECT_EQ(thrown<ValueError>([] { dns::idna_encode(std::string("a\0b", 3)); }),
              "embedded null character");
    EXPECT_THROW(dns::idna_decode("xn--\xff"), ValueError);
}

TEST(Idna, Decodes) {
    EXPECT_EQ(dns::idna_decode("xn--bcher-kva.example"), "bücher.example");
    EXPECT_EQ(dns::idna_decode("www.example"), "www.example");
}

TEST_F(DnsTest, InternationalNamesAreLookedUp) {
    server.add_address("xn--bcher-kva.test", "127.0.0.7");
    serve([&]() -> Coro<> {
        const std::string found = co_await look_up("bücher.test", AF_INET);
        EXPECT_EQ(found, "127.0.0.7:80");
    });
}

}  // namespace
}  // namespace aio::tests
