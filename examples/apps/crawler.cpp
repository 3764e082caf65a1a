// SPDX-License-Identifier: MIT
// Follows the links of a web site and tells which are broken. So many requests at once and no more; each with
// a time limit; what fails in a way that may pass is tried again, later and later.
//
//     crawler http://127.0.0.1:8000/ --at-once 8 --pages 1000 --depth 10 --timeout 5 --retries 3 --backoff
//     0.2
//
//     async def attempt(self, url):
//         async with self.at_once:                  # a Semaphore
//             async with asyncio.timeout(5):
//                 return await fetch(url)
//
//     async with asyncio.TaskGroup() as group:
//         for visit in level:
//             group.create_task(self.visit(visit))
#include "arguments.hpp"
#include "http_fetch.hpp"

#include <aio/aio.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <exception>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMaxLinks = 1000;  // of one page

/// The links in a page: what stands in href="..." or href='...'.
std::vector<std::string> links_of(const example::Page& page) {
    std::vector<std::string> links;
    if (page.status >= 300 && page.status < 400) links.emplace_back(page.field("location"));
    if (page.status != 200 || !page.field("content-type").starts_with("text/html")) return links;
    constexpr std::string_view kAttribute = "href=";
    std::string_view rest = page.body;
    while (links.size() < kMaxLinks) {
        const std::size_t found = rest.find(kAttribute);
        if (found == std::string_view::npos) return links;
        rest.remove_prefix(found + kAttribute.size());
        if (!rest.starts_with('"') && !rest.starts_with('\'')) continue;
        const std::size_t end = rest.find(rest[0], 1);
        if (end == std::string_view::npos) return links;
        links.emplace_back(rest.substr(1, end - 1));
    }
    return links;
}

class Crawler {
public:
    explicit Crawler(const example::Arguments& arguments)
        : most_pages_(static_cast<std::size_t>(arguments.integer("pages"))),
          most_depth_(arguments.integer("depth")),
          timeout_(arguments.seconds("timeout")),
          retries_(arguments.integer("retries")),
          backoff_(arguments.seconds("backoff")),
          at_once_(std::max(arguments.integer("at-once"), 1)) {}

    /// Level by level, all pages of a level at once: so what is found does not depend on who answers first.
    aio::Coro<> crawl(example::Url start) {
        std::vector<Visit*> level{add(std::move(start), "")};
        for (int depth = 0; !level.empty(); ++depth) {
            co_await aio::async_with(aio::TaskGroup(), [&](aio::TaskGroup& group) -> aio::Coro<> {
                for (Visit* visit : level) group.create_task(this->visit(*visit));
                co_return;
            });
            level = next_level(level, depth < most_depth_);
        }
    }

    /// Gives whether all links were good.
    bool report() const {
        int broken = 0;
        int retries = 0;
        for (const auto& [path, visit] : visits_) {
            const bool good = visit.status >= 200 && visit.status < 400;
            broken += good ? 0 : 1;
            retries += visit.retries;
            std::cout << (visit.status == 0 ? "---" : std::to_string(visit.status)) << ' ' << path;
            if (!visit.problem.empty()) std::cout << ": " << visit.problem;
            if (visit.retries > 0) std::cout << ", retries: " << visit.retries;
            if (!good && !visit.linked_from.empty()) std::cout << ", linked from " << visit.linked_from;
            std::cout << '\n';
        }
        std::cout << "pages: " << visits_.size() << ", broken: " << broken << ", retries: " << retries
                  << ", links not followed: " << not_followed_.size() << std::endl;
        return broken == 0;
    }

private:
    struct Visit {
        example::Url url;
        std::string linked_from;
        std::vector<std::string> links;
        int status = 0;                     // none yet, or none at all
        std::string problem = "no answer";  // instead of a status
        int retries = 0;
    };

    aio::Coro<example::Page> attempt(example::Url url) {
        const auto permit = co_await at_once_.guard();
        co_return co_await aio::async_with(aio::timeout(timeout_), example::fetch, url);
    }

    /// Asks until there is an answer that will not change.
    aio::Coro<> visit(Visit& visit) {
        while (true) {
            const auto page = co_await aio::as_result(attempt(visit.url));
            const bool lost = page.raised<aio::ConnectionError, aio::TimeoutError, aio::EOFError>();
            const bool again = lost || (page && page.value().status >= 500);
            if (!again || visit.retries == retries_) {
                note(visit, page);
                co_return;
            }
            co_await aio::sleep(pause(visit.retries++));  // without a permit: others may ask meanwhile
        }
    }

    static void note(Visit& visit, const aio::Result<example::Page>& page) {
        try {
            visit.status = page.value().status;
            visit.links = links_of(page.value());
            visit.problem.clear();
        } catch (const std::exception& error) {  // not a cancellation, which goes on
            visit.problem = error.what();
        }
    }

    /// Twice as long each time, up to half a minute; and not the same for all, or they would all come back
    /// together.
    aio::Duration pause(int retry) {
        std::uniform_real_distribution<double> part(0.5, 1);
        const std::chrono::duration<double> longest = backoff_ * std::pow(2, retry);
        return aio::to_duration(std::min<std::chrono::duration<double>>(longest, 30s) * part(random_));
    }

    std::vector<Visit*> next_level(const std::vector<Visit*>& level, bool follow) {
        std::vector<Visit*> next;
        for (Visit* visit : level) {
            for (const std::string& link : std::exchange(visit->links, {})) {
                auto url = example::resolve(visit->url, link);
                const bool ours = url && url->host == visit->url.host && url->port == visit->url.port;
                if (!ours || visits_.contains(url->path)) continue;
                if (follow && visits_.size() < most_pages_) {
                    next.push_back(add(std::move(*url), visit->url.path));
                } else if (not_followed_.size() < most_pages_) {
                    not_followed_.insert(url->path);
                }
            }
        }
        return next;
    }

    Visit* add(example::Url url, const std::string& linked_from) {
        Visit& visit = visits_[url.path];
        visit.url = std::move(url);
        visit.linked_from = linked_from;
        return &visit;
    }

    const std::size_t most_pages_;
    const int most_depth_;
    const aio::Duration timeout_;
    const int retries_;
    const aio::Duration backoff_;
    aio::Semaphore at_once_;
    std::mt19937 random_{std::random_device()()};
    std::map<std::string, Visit> visits_;  // by path
    std::set<std::string> not_followed_;
};

aio::Coro<int> amain(example::Url start, const example::Arguments& arguments) {
    Crawler crawler(arguments);
    try {
        co_await crawler.crawl(std::move(start));
    } catch (const aio::CancelledError&) {  // Ctrl-C
        crawler.report();
        throw;
    }
    co_return crawler.report() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    example::Arguments arguments(
        {{"at-once", 8}, {"pages", 1000}, {"depth", 10}, {"timeout", 5}, {"retries", 3}, {"backoff", 0.2}});
    const auto start = example::parse_url(argc > 1 ? argv[1] : "");
    if (!start) std::cerr << "crawler: the first argument is where to begin, http://host:port/path\n";
    if (!start || !example::parse_arguments(arguments, "crawler URL", argc - 2, argv + 2)) return 2;
    return aio::run(amain(*start, arguments));
}
