// SPDX-License-Identifier: MIT
// The order in which routes are tried is aiohttp's: a table and a slow copy of how aiohttp (3.9 and newer)
// looks routes up are given the same made-up routes and paths.
#include "handlers.hpp"

#include <aio/base/error.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::tests {
namespace {

// What a look-up gives.
struct Answer {
    int route = -1;
    std::vector<std::string> values;
    std::set<std::string> allowed;
    bool final = false;  // from a sub-application: nobody else is asked

    friend bool operator==(const Answer& a, const Answer& b) {
        return a.route == b.route && a.values == b.values && (a.route >= 0 || a.allowed == b.allowed);
    }
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t i = text.find(from); i != text.npos; i = text.find(from, i + to.size())) {
        text.replace(i, from.size(), to);
    }
    return text;
}

std::string without_slashes(std::string text) {
    while (text.ends_with('/')) text.pop_back();
    return text.empty() ? "/" : text;
}

// A path is made of these: how routes have them, and what a request has in their place, or nothing for "the
// same".
struct Part {
    std::string route;
    std::string pattern;  // of a variable
};

class SlowRouter;

struct SlowResource {
    std::string raw;        // as it was added
    std::string canonical;  // decoded
    std::vector<Part> parts;
    bool dynamic = false;
    bool is_static = false;
    SlowRouter* sub = nullptr;
    std::string domain;
    std::map<std::string, int> routes;
};

class SlowRouter {
public:
    void add_prefix(const std::string& prefix) {
        for (SlowResource& resource : resources) {
            resource.canonical = prefix + resource.canonical;
            resource.parts.insert(resource.parts.begin(), Part{prefix, ""});
            if (resource.sub != nullptr) resource.sub->add_prefix(prefix);
        }
    }

    Answer resolve(const std::string& method, const std::string& host, const std::string& path) const {
        Answer answer;
        for (const SlowResource& resource : resources) {
            if (resource.domain.empty() || !is_of(resource.domain, host)) continue;
            answer = resource.sub->resolve(method, host, path);
            answer.final = true;
            return answer;
        }
        std::string part = path;
        while (!part.empty()) {
            for (const SlowResource& resource : resources) {
                if (!resource.domain.empty() || key(resource) != part) continue;
                Answer one = ask(resource, method, host, path);
                if (one.final || one.route >= 0) return one;
                answer.allowed.insert(one.allowed.begin(), one.allowed.end());
            }
            if (part == "/") break;
            const std::size_t slash = part.rfind('/');
            part = slash == part.npos || slash == 0 ? "/" : part.substr(0, slash);
        }
        return answer;
    }

    std::vector<SlowResource> resources;

private:
    static bool is_of(const std::string& domain, const std::string& host) {
        return domain == host || (domain.starts_with("*.") && host.ends_with(domain.substr(1)));
    }

    static std::string key(const SlowResource& resource) {
        std::string canonical = resource.canonical;
        if (const std::size_t brace = canonical.find('{'); brace != canonical.npos) {
            canonical.resize(brace);
            canonical.resize(canonical.rfind('/'));
        }
        return without_slashes(canonical);
    }

    static Answer ask(const SlowResource& resource, const std::string& method, const std::string& host,
                      const std::string& path) {
        Answer answer;
        if (resource.sub != nullptr) {
            answer = resource.sub->resolve(method, host, path);
            answer.final = true;
            return answer;
        }
        if (!fits(resource, path, answer.values)) return answer;
        const auto exact = resource.routes.find(method);
        const auto any = resource.routes.find("*");
        if (exact != resource.routes.end()) {
            answer.route = exact->second;
        } else if (any != resource.routes.end()) {
            answer.route = any->second;
        } else {
            for (const auto& [name, route] : resource.routes) answer.allowed.insert(name);
        }
        return answer;
    }

    static bool fits(const SlowResource& resource, const std::string& path,
                     std::vector<std::string>& values) {
        if (resource.is_static) {
            const std::string prefix = resource.canonical;
            if (path != prefix && !path.starts_with(prefix + "/")) return false;
            values.push_back(decoded(path == prefix ? "" : path.substr(prefix.size() + 1)));
            return true;
        }
        if (!resource.dynamic) return path == (resource.canonical.empty() ? "/" : resource.canonical);
        std::string pattern;
        for (const Part& part : resource.parts) {
            pattern += part.pattern.empty() ? replaced(part.route, ".", "[.]") : "(" + part.pattern + ")";
        }
        static std::map<std::string, std::regex> compiled;
        auto found = compiled.find(pattern);
        if (found == compiled.end()) found = compiled.emplace(pattern, std::regex(pattern)).first;
        std::smatch match;
        if (!std::regex_match(path, match, found->second)) return false;
        for (std::size_t i = 1; i < match.size(); ++i) values.push_back(decoded(match[i].str()));
        return true;
    }

    static std::string decoded(const std::string& value) {
        return replaced(replaced(value, "%2F", "/"), "%25", "%");
    }
};

// Routes and paths out of a few words, so that they meet.
class Maker {
public:
    explicit Maker(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t n) { return random_() % n; }
    template <class T>
    T one_of(const std::vector<T>& list) {
        return list[below(list.size())];
    }

    std::string word() { return one_of<std::string>({"a", "b", "ab", "a.b", "12", "x1", "", "a-b", "c c"}); }

    Part variable(std::size_t number) {
        const std::string pattern =
            one_of<std::string>({"[^{}/]+", "[^{}/]+", "[^{}/]+", R"(\d+)", "[0-9A-Za-z_]+", ".*", ".+",
                                 "a|ab", "(?:a|b)*", "[a-b]{1,2}", "[^/]*", R"(\d{2})", ".+?", "(?:ab?)+"});
        const std::string name = "v" + std::to_string(number);
        return {pattern == "[^{}/]+" ? "{" + name + "}" : "{" + name + ":" + pattern + "}", pattern};
    }

    std::vector<Part> route_path() {
        std::vector<Part> parts;
        std::size_t variables = 0;
        for (std::size_t i = below(4) + 1; i-- > 0;) {
            parts.push_back({"/", ""});
            if (below(5) > 2 || i > 2) parts.push_back({word(), ""});
            if (below(3) == 0) parts.push_back(variable(variables++));
            if (below(8) == 0) parts.push_back({".b", ""});
            if (below(10) == 0) parts.push_back(variable(variables++));
        }
        if (below(6) == 0) parts.push_back({"/", ""});
        return parts;
    }

    // As a request has it, and decoded as paths are compared.
    std::pair<std::string, std::string> request_path() {
        std::string sent;
        std::string safe;
        for (std::size_t i = below(5) + 1; i-- > 0;) {
            sent += "/";
            safe += "/";
            for (std::size_t j = below(2) + 1; j-- > 0;) {
                const std::string text = word();
                sent += replaced(text, " ", "%20");
                safe += text;
                if (below(12) > 0) continue;
                const auto [code, character] = one_of<std::pair<std::string, std::string>>(
                    {{"%2f", "%2F"}, {"%61", "a"}, {"%25", "%25"}, {"%C3%A9", "\xC3\xA9"}, {"%", "%25"}});
                sent += code == "%" ? "%z" : code;
                safe += code == "%" ? "%25z" : character;
            }
        }
        return {sent, safe};
    }

private:
    std::mt19937 random_;
};

// The same routes in both.
class Both {
public:
    explicit Both(unsigned seed) : maker_(seed) {
        const std::size_t count = maker_.below(30) + 1;
        fill(*fast, slow, count, 2);
        fast->freeze();
    }

    Answer ask(const std::string& method, const std::string& host, const std::string& path) const {
        const web::UrlMappingMatchInfo match = fast->resolve(method, host, path);
        Answer answer;
        if (match) answer.route = ids_.at(&match.route());
        for (std::size_t i = 0; i < match.size(); ++i) answer.values.emplace_back(match.item(i).second);
        answer.allowed.insert(match.allowed_methods().begin(), match.allowed_methods().end());
        return answer;
    }

    Maker& maker() { return maker_; }

    std::unique_ptr<web::UrlDispatcher> fast = std::make_unique<web::UrlDispatcher>();
    SlowRouter slow;

private:
    void fill(web::UrlDispatcher& router, SlowRouter& copy, std::size_t count, int depth) {
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t kind = maker_.below(24);
            if (kind == 0) {
                add_static(router, copy);
            } else if (kind < 3 && depth > 0) {
                add_sub(router, copy, count / 2 + 1, depth - 1, kind == 1);
            } else {
                add_route(router, copy);
            }
        }
    }

    void add_route(web::UrlDispatcher& router, SlowRouter& copy) {
        const std::vector<Part> parts = maker_.route_path();
        const std::string method = maker_.one_of<std::string>({"GET", "GET", "POST", "PUT", "*"});
        SlowResource resource;
        for (const Part& part : parts) {
            resource.raw += part.route;
            resource.canonical += part.pattern.empty() ? part.route : "{}";
            resource.dynamic = resource.dynamic || !part.pattern.empty();
        }
        resource.parts = parts;
        const bool again = !copy.resources.empty() && copy.resources.back().raw == resource.raw;
        if (!again) copy.resources.push_back(resource);
        auto& routes = copy.resources.back().routes;
        if (routes.contains(method) || routes.contains("*")) {
            EXPECT_THROW(router.add_route(method, resource.raw, handler()), RuntimeError);
            return;
        }
        routes[method] = remember(router.add_route(method, resource.raw, handler()));
    }

    void add_static(web::UrlDispatcher& router, SlowRouter& copy) {
        SlowResource resource;
        resource.canonical = maker_.one_of<std::string>({"/a", "/b/a", "", "/ab"});
        resource.raw = "static";
        resource.is_static = true;
        web::StaticResource& added = router.add_static(resource.canonical + "/", handler());
        for (web::Route* route : added.routes()) resource.routes[route->method()] = remember(*route);
        copy.resources.push_back(std::move(resource));
    }

    void add_sub(web::UrlDispatcher& router, SlowRouter& copy, std::size_t count, int depth, bool by_host) {
        web::UrlDispatcher& inner = *fast_subs_.emplace_back(std::make_unique<web::UrlDispatcher>());
        SlowRouter& slow_inner = *slow_subs_.emplace_back(std::make_unique<SlowRouter>());
        fill(inner, slow_inner, count, depth);
        SlowResource resource;
        resource.raw = "sub";
        resource.sub = &slow_inner;
        if (by_host) {
            resource.domain = maker_.one_of<std::string>({"one.example", "*.example", "two.example"});
            router.add_domain(resource.domain, inner);
        } else {
            resource.canonical = maker_.one_of<std::string>({"/a", "/a/b", "/12", "/ab"});
            router.add_subapp(resource.canonical, inner);
            slow_inner.add_prefix(resource.canonical);
        }
        copy.resources.push_back(std::move(resource));
    }

    int remember(const web::Route& route) {
        const int id = static_cast<int>(ids_.size());
        ids_[&route] = id;
        return id;
    }

    Maker maker_;
    std::map<const web::Route*, int> ids_;
    std::vector<std::unique_ptr<web::UrlDispatcher>> fast_subs_;
    std::vector<std::unique_ptr<SlowRouter>> slow_subs_;
};

std::string text_of(const Answer& answer) {
    std::string text = std::to_string(answer.route);
    for (const std::string& value : answer.values) text += " " + value;
    for (const std::string& method : answer.allowed) text += " " + method;
    return text;
}

TEST(RouteOrder, IsAiohttps) {
    int found = 0;
    int refused = 0;
    for (unsigned seed = 1; seed <= 400; ++seed) {
        Both both(seed);
        for (int i = 0; i < 60; ++i) {
            const auto [sent, safe] = both.maker().request_path();
            const auto method = both.maker().one_of<std::string>({"GET", "POST", "DELETE"});
            const auto host = both.maker().one_of<std::string>({"one.example", "a.example", "b"});
            Answer expected = both.slow.resolve(method, host, safe);
            if (expected.route < 0) expected.values.clear();
            const Answer answer = both.ask(method, host, sent);
            ASSERT_EQ(answer, expected) << "seed " << seed << ": " << method << " " << host << sent
                                        << " gives " << text_of(answer) << ", not " << text_of(expected);
            found += answer.route >= 0 ? 1 : 0;
            refused += answer.allowed.empty() ? 0 : 1;
        }
    }
    EXPECT_GT(found, 2500);
    EXPECT_GT(refused, 300);
}

TEST(RouteOrder, PathsThatAreNoneOfASlashAreLookedUpAtTheRoot) {
    web::UrlDispatcher router;
    router.add_get("/{name:.*}", handler());
    router.add_get("", handler());
    EXPECT_EQ(router.resolve("OPTIONS", "", "*").status(), 404);
    EXPECT_EQ(router.resolve("CONNECT", "", "example.com:443").status(), 404);
    EXPECT_EQ(router.resolve("GET", "", "").status(), 404);
    EXPECT_EQ(router.resolve("GET", "", "/").status(), 200);
}

}  // namespace
}  // namespace aio::tests
