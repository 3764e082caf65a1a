// SPDX-License-Identifier: MIT
#include "handlers.hpp"

#include <aio/base/error.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace aio::tests {
namespace {

using web::Route;
using web::UrlDispatcher;
using web::UrlMappingMatchInfo;

TEST(SubApplications, AnswerWhatIsBelowTheirPrefix) {
    int outer_app = 0;
    int inner_app = 0;
    UrlDispatcher outer(&outer_app);
    UrlDispatcher inner(&inner_app);
    const Route& plain = inner.add_get("/a", handler());
    inner.add_get("/v/{name}", handler()).name("v");
    web::PrefixedSubAppResource& resource = outer.add_subapp("/pre/", inner);
    const Route& root = outer.add_get("/{all:.*}", handler());

    const UrlMappingMatchInfo match = outer.resolve("GET", "", "/pre/a");
    EXPECT_EQ(&match.route(), &plain);
    EXPECT_EQ(match.apps(), (std::vector<void*>{&outer_app, &inner_app}));
    EXPECT_EQ(match.router(), &inner);
    EXPECT_EQ(match.router()->parent(), &outer);
    EXPECT_EQ(outer.resolve("GET", "", "/pre/v/x")["name"], "x");
    EXPECT_EQ(&outer.resolve("GET", "", "/prefix").route(), &root);
    EXPECT_EQ(outer.resolve("GET", "", "/prefix").apps(), (std::vector<void*>{&outer_app}));
    EXPECT_EQ(resource.canonical(), "/pre");
    EXPECT_EQ(resource.repr(), "<PrefixedSubAppResource  /pre>");
    EXPECT_EQ(resource.routes(), inner.routes());
    EXPECT_EQ(inner["v"].url_for({{"name", "x y"}}).str(), "/pre/v/x%20y");
    EXPECT_THROW((void)resource.url_for(), RuntimeError);
}

// As in aiohttp: nobody outside is asked for what a sub-application does not know.
TEST(SubApplications, AnswerFor404And405) {
    int inner_app = 0;
    UrlDispatcher outer;
    UrlDispatcher inner(&inner_app);
    inner.add_post("/a", handler());
    outer.add_subapp("/pre", inner);
    outer.add_delete("/pre/{x}/{y}", handler());
    outer.add_delete("/pre/known/path", handler());
    outer.add_get("/{all:.*}", handler());
    EXPECT_EQ(outer.resolve("GET", "", "/pre/b").status(), 404);
    EXPECT_EQ(outer.resolve("GET", "", "/pre/b").apps().back(), &inner_app);
    EXPECT_EQ(outer.resolve("GET", "", "/pre/a").allow(), "POST");
    EXPECT_EQ(outer.resolve("DELETE", "", "/pre/x/y").status(), 404);
    EXPECT_EQ(outer.resolve("DELETE", "", "/pre/known/path").status(), 200);
    EXPECT_EQ(outer.resolve("GET", "", "/pre/known/path").status(), 404);
}

TEST(SubApplications, PrefixesThatBeginAlikeAreApart) {
    UrlDispatcher outer;
    UrlDispatcher one;
    UrlDispatcher two;
    UrlDispatcher three;
    const Route& a = one.add_get("/a", handler());
    const Route& b = two.add_get("/b", handler());
    const Route& c = three.add_get("/c", handler());
    outer.add_subapp("/s", one);
    outer.add_subapp("/ss", two);
    outer.add_subapp("/s/s", three);
    EXPECT_EQ(&outer.resolve("GET", "", "/s/a").route(), &a);
    EXPECT_EQ(&outer.resolve("GET", "", "/ss/b").route(), &b);
    EXPECT_EQ(&outer.resolve("GET", "", "/s/s/c").route(), &c);
}

TEST(SubApplications, TheEmptyPathIsThePrefixAndTheSlashIsWithIt) {
    UrlDispatcher outer;
    UrlDispatcher empty;
    UrlDispatcher slash;
    empty.add_get("", handler());
    slash.add_get("/", handler());
    outer.add_subapp("/empty", empty);
    outer.add_subapp("/slash", slash);
    EXPECT_EQ(outer.resolve("GET", "", "/empty").status(), 200);
    EXPECT_EQ(outer.resolve("GET", "", "/empty/").status(), 404);
    EXPECT_EQ(outer.resolve("GET", "", "/slash").status(), 404);
    EXPECT_EQ(outer.resolve("GET", "", "/slash/").status(), 200);
}

TEST(SubApplications, Nest) {
    int apps[3];
    UrlDispatcher outer(&apps[0]);
    UrlDispatcher middle(&apps[1]);
    UrlDispatcher inner(&apps[2]);
    const Route& route = inner.add_get("/{x}", handler());
    inner.add_static("/files", handler()).routes().front()->name("files");
    middle.add_subapp("/inner", inner);
    outer.add_subapp("/prä fix", middle);
    const UrlMappingMatchInfo match = outer.resolve("GET", "", "/pr%C3%A4%20fix/inner/1");
    EXPECT_EQ(&match.route(), &route);
    EXPECT_EQ(match.apps(), (std::vector<void*>{&apps[0], &apps[1], &apps[2]}));
    EXPECT_EQ(route.url_for({{"x", 1}}).str(), "/pr%C3%A4%20fix/inner/1");
    EXPECT_EQ(inner["files"].url_for({{"filename", "a.txt"}}).str(), "/pr%C3%A4%20fix/inner/files/a.txt");
    EXPECT_EQ(outer.resolve("GET", "", "/pr%C3%A4%20fix/inner/files/a.txt")["filename"], "a.txt");
    EXPECT_EQ(outer.routes().size(), inner.routes().size());
}

TEST(SubApplications, AreInOnePlace) {
    UrlDispatcher outer;
    UrlDispatcher other;
    UrlDispatcher inner;
    UrlDispatcher frozen;
    frozen.freeze();
    EXPECT_THROW(outer.add_subapp("", inner), ValueError);
    EXPECT_THROW(outer.add_subapp("/", inner), ValueError);
    EXPECT_THROW(outer.add_subapp("pre", inner), ValueError);
    EXPECT_THROW(outer.add_subapp("/pre", frozen), RuntimeError);
    EXPECT_THROW(outer.add_subapp("/pre", outer), RuntimeError);
    outer.add_subapp("/pre", inner);
    EXPECT_THROW(outer.add_subapp("/two", inner), RuntimeError);
    EXPECT_THROW(outer.add_domain("example.com", inner), RuntimeError);
    EXPECT_THROW(other.add_subapp("/pre", inner), RuntimeError);
    EXPECT_THROW(inner.add_get("/late", handler()), RuntimeError);
    outer.freeze();
    EXPECT_THROW(outer.add_subapp("/late", other), RuntimeError);
}

TEST(SubApplications, AnswerForTheirHost) {
    UrlDispatcher router;
    UrlDispatcher one;
    UrlDispatcher two;
    UrlDispatcher three;
    const Route& h1 = one.add_get("/", handler());
    const Route& h2 = two.add_get("/", handler());
    const Route& h3 = three.add_get("/", handler());
    router.add_get("/", handler());
    const web::MatchedSubAppResource& resource = router.add_domain("example.com", one);
    router.add_domain("*.example.com", two);
    router.add_domain("*", three);
    EXPECT_EQ(&router.resolve("GET", "example.com", "/").route(), &h1);
    EXPECT_EQ(&router.resolve("GET", "EXAMPLE.com", "/").route(), &h1);
    EXPECT_EQ(&router.resolve("GET", "a.example.com", "/").route(), &h2);
    EXPECT_EQ(&router.resolve("GET", "example2.com", "/").route(), &h3);
    EXPECT_EQ(router.resolve("POST", "example.com", "/").allow(), "GET,HEAD");
    EXPECT_EQ(router.resolve("GET", "example.com", "/other").status(), 404);
    EXPECT_EQ(resource.repr(), "<MatchedSubAppResource  example.com>");
    EXPECT_THROW((void)resource.url_for(), RuntimeError);
}

TEST(SubApplications, ForAHostMayBeBelowAPrefixAndServeSeveral) {
    UrlDispatcher outer;
    UrlDispatcher middle;
    UrlDispatcher inner;
    const Route& route = inner.add_get("/a", handler());
    middle.add_domain("one.example", inner);
    middle.add_domain("two.example:8080", inner);
    outer.add_subapp("/pre", middle);
    EXPECT_EQ(&outer.resolve("GET", "one.example", "/pre/a").route(), &route);
    EXPECT_EQ(&outer.resolve("GET", "two.example:8080", "/pre/a").route(), &route);
    EXPECT_EQ(outer.resolve("GET", "two.example", "/pre/a").status(), 404);
}

std::string canonical(std::string_view domain) {
    UrlDispatcher router;
    UrlDispatcher inner;
    try {
        return router.add_domain(domain, inner).canonical();
    } catch (const ValueError& error) {
        return error.what();
    }
}

TEST(Domains, AreChecked) {
    EXPECT_EQ(canonical("example.com:81"), "example.com:81");
    EXPECT_EQ(canonical("example.com:80"), "example.com");
    EXPECT_EQ(canonical("Example.COM."), "example.com");
    EXPECT_EQ(canonical("пуни.код"), "xn--h1ajfq.xn--d1alm");
    EXPECT_EQ(canonical("*.example.com:80"), "*.example.com");
    EXPECT_EQ(canonical("a*.example.com:8080"), "a*.example.com:8080");
    EXPECT_EQ(canonical(""), "Domain cannot be empty");
    EXPECT_EQ(canonical("http://dom"), "Scheme not supported");
    for (const char* bad : {"example$com", "-a.com", "a-.com", "a..com", "*.a$", "*.com:x", "*.com:99999",
                            "a b", "user@example.com:x"}) {
        EXPECT_EQ(canonical(bad), "Domain not valid") << bad;
    }
}

TEST(Domains, MatchHosts) {
    const auto matches = [](std::string_view domain, std::string_view host) {
        UrlDispatcher router;
        UrlDispatcher inner;
        inner.add_get("/", handler());
        router.add_domain(domain, inner);
        return static_cast<bool>(router.resolve("GET", host, "/"));
    };
    EXPECT_TRUE(matches("example.com:81", "example.com:81"));
    EXPECT_FALSE(matches("example.com:81", "example.com"));
    EXPECT_TRUE(matches("пуникод", "xn--d1ahgkhc2a"));
    EXPECT_TRUE(matches("*.example.com", "a.b.Example.com"));
    EXPECT_FALSE(matches("*.example.com", "example.com"));
    EXPECT_FALSE(matches("*.example.com", "a.example.com.evil"));
    EXPECT_FALSE(matches("*.example.com", "aXexampleXcom"));
    EXPECT_TRUE(matches("a*b*c.com", "axxbbyc.com"));
    EXPECT_FALSE(matches("a*b*c.com", "ac.com"));
    EXPECT_FALSE(matches("*", ""));
    EXPECT_FALSE(matches("*a*a*a*a*a*a*b", std::string(8000, 'a')));
}

}  // namespace
}  // namespace aio::tests
