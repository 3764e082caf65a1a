// SPDX-License-Identifier: MIT
// Follows the links of a web site from page to page, so many requests at once and no more.
//
//     http_crawler http://127.0.0.1:8000/ 8
//
//     async def visit(self, url):
//         async with self.at_once:                        # a Semaphore
//             links = await self.links_of(url)
//         for link in links:
//             if link not in self.seen:
//                 self.group.create_task(self.visit(link))
//
// The crawler in examples/apps does the same on bare streams, and tries again what fails.
#include <aio/aio.hpp>
#include <aio/http.hpp>
#include <aio/web.hpp>
#include <aio/web/test_utils.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;
namespace http = aio::http;
namespace web = aio::web;

constexpr std::size_t kMostPages = 1000;
constexpr std::size_t kLargestPage = 4 * 1024 * 1024;

// What stands in href="..." in a page, as URLs.
std::vector<http::URL> links_in(std::string_view page, const http::URL& base) {
    constexpr std::string_view kAttribute = "href=\"";
    std::vector<http::URL> links;
    std::size_t end = 0;
    for (std::size_t at = page.find(kAttribute); at != page.npos; at = page.find(kAttribute, end)) {
        at += kAttribute.size();
        end = page.find('"', at);
        if (end == page.npos) break;
        const std::string_view text = page.substr(at, end - at);
        try {
            links.push_back(base.join(http::URL(text)).with_fragment(""));
        } catch (const aio::ValueError&) {  // somebody has written nonsense
        }
    }
    return links;
}

class Crawler {
public:
    Crawler(http::ClientSession session, int at_once) : session_(session), at_once_(at_once) {}

    /// What came of each page, by its URL.
    aio::Coro<std::map<http::URL, std::string>> crawl(http::URL start) {
        // The group ends when all tasks in it have, also those that they have made.
        co_await aio::async_with(aio::TaskGroup(), [&](aio::TaskGroup& group) -> aio::Coro<> {
            group_ = &group;
            discover(start);
            co_return;
        });
        co_return std::move(pages_);
    }

private:
    void discover(const http::URL& url) {
        if (pages_.size() < kMostPages && pages_.emplace(url, "").second) group_->create_task(visit(url));
    }

    aio::Coro<> visit(http::URL url) {
        std::vector<http::URL> links;
        try {
            const auto permit = co_await at_once_.guard();
            links = co_await links_of(url);
        } catch (const http::ClientError& error) {  // others go on
            pages_[url] = error.what();
        } catch (const aio::LimitOverrunError&) {
            pages_[url] = "too large";
        }
        for (const http::URL& link : links) discover(link);
    }

    aio::Coro<std::vector<http::URL>> links_of(http::URL url) {
        auto response = co_await session_.get(url).timeout(10s);
        pages_[url] = std::to_string(response.status());
        std::vector<http::URL> links;
        // A redirect may have led to another site.
        const bool ours = response.url().origin() == url.origin();
        if (!response.ok() || !ours || response.content_type() != "text/html") co_return links;
        const std::string& page = co_await response.read(kLargestPage);
        for (http::URL& link : links_in(page, response.url()))
            if (link.is_absolute() && link.origin() == url.origin()) links.push_back(std::move(link));
        pages_[url] += ", " + std::to_string(links.size()) + " links";
        co_return links;
    }

    http::ClientSession session_;
    aio::Semaphore at_once_;
    aio::TaskGroup* group_ = nullptr;
    std::map<http::URL, std::string> pages_;
};

aio::Coro<int> crawl(http::ClientSession session, http::URL start, int at_once) {
    Crawler crawler(session, at_once);
    const auto pages = co_await crawler.crawl(start);
    for (const auto& [url, outcome] : pages) std::cout << url.str() << ": " << outcome << '\n';
    std::cout << pages.size() << " pages" << std::endl;
    co_return 0;
}

// --- without arguments: a site in this program, of pages that take a second
// ---------------------------------

class Site {
public:
    aio::Coro<web::Response> page(web::Request& request) {
        most_ = std::max(most_, ++now_);
        co_await aio::sleep(1s);
        --now_;
        const int number = std::stoi(request.match_info("number"));
        if (number > 6) throw web::HTTPNotFound();
        std::string links;
        for (const int next : {2 * number, 2 * number + 1})
            links += "<a href=\"" + std::to_string(next) + "#top\">next</a> ";
        co_return web::Response().text(links + "<a href=\"http://other.test/\">").content_type("text/html");
    }
    int most_at_once() const { return most_; }

private:
    int now_ = 0;
    int most_ = 0;
};

aio::Coro<int> demonstrate() {
    Site site;
    web::Application app;
    app.add_get("/{number:\\d+}", &Site::page, &site);
    web::TestClient client(app);
    const auto begin = aio::get_running_loop().time();
    const int status = co_await crawl(client.session(), "http://127.0.0.1/1", 3);
    const std::chrono::duration<double> took = aio::get_running_loop().time() - begin;
    std::cout << "in " << took.count() << " s, at most " << site.most_at_once() << " at once\n";
    co_await client.close();
    co_return status;
}

int main(int argc, char** argv) {
    if (argc == 1) return aio::run(demonstrate());
    const int at_once = argc > 2 ? std::atoi(argv[2]) : 8;
    return aio::run(aio::async_with(http::ClientSession(), crawl, http::URL(argv[1]), at_once));
}
