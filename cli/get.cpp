// SPDX-License-Identifier: MIT
// aio get: files, several at a time.
#include "command.hpp"
#include "progress.hpp"
#include "session.hpp"

#include <aio/aio.hpp>
#include <aio/fs.hpp>

#include <openssl/evp.h>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aio::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::array kOptions{
    Option{"output", 'o', "FILE", "where it goes; - for standard output. For one URL"},
    Option{"directory", 'd', "FOLDER", "where files go; this one"},
    Option{"continue", 'c', "", "goes on with what an interrupted run has left"},
    Option{"force", 'f', "", "overwrites files that are there"},
    Option{"jobs", 'j', "N", "so many at a time; 5"},
    Option{"header", 'H', "'NAME: VALUE'", "a header of the requests; may be given several times"},
    Option{"timeout", 0, "TIME", "gives a server up that says nothing for so long; 30s"},
    Option{"insecure", 'k', "", "does not check the servers' certificates"},
    Option{"quiet", 'q', "", "tells of errors only"},
};

constexpr std::string_view kMore =
    R"(A file is there when all of it is; until then it is FILE.part. With #sha256=... behind a
URL it is there only if it has that sum. On a terminal each has a bar.

  aio get https://example.org/a.iso https://example.org/b.iso
  aio get -c https://example.org/a.iso            goes on, if the file is still the same
  aio get 'https://example.org/a.iso#sha256=9f86d081...'
  aio get -o - https://example.org/ | less
)";

struct Job {
    http::URL url;
    std::string path;    ///< empty for standard output
    std::string sha256;  ///< empty if nobody has said it
    std::size_t place = 0;
};

class Getting {
public:
    Getting(const Arguments& arguments, std::vector<Job> jobs)
        : session_(session_options(arguments).timeout(
              http::ClientTimeout().sock_connect(limit(arguments)).sock_read(limit(arguments)))),
          progress_(arguments.has("quiet")),
          at_once_(static_cast<int>(arguments.number("jobs").value_or(5))),
          goes_on_(arguments.has("continue")),
          overwrites_(arguments.has("force")),
          jobs_(std::move(jobs)) {}

    /// Gives how many failed.
    Coro<int> run() {
        for (Job& job : jobs_) job.place = progress_.add(name_of(job));
        auto drawing = create_task(draw());
        std::vector<Coro<bool>> all;
        for (const Job& job : jobs_) all.push_back(try_to_get(job));
        const std::vector<bool> good = co_await gather(std::move(all));
        drawing.cancel();
        static_cast<void>(co_await as_result(std::move(drawing)));
        co_await session_.close();
        int failed = 0;
        for (const bool each : good) failed += !each;
        co_return failed;
    }

private:
    static Duration limit(const Arguments& arguments) { return arguments.duration("timeout").value_or(30s); }
    static std::string name_of(const Job& job) {
        return job.path.empty() ? job.url.str() : job.path.substr(job.path.rfind('/') + 1);
    }
    Coro<> draw() {
        for (;;) {
            progress_.draw();
            co_await sleep(100ms);
        }
    }

    Coro<bool> try_to_get(const Job& job) {
        const auto permit = co_await at_once_.guard();
        std::string error;
        try {
            progress_.begin(job.place);
            if (job.path.empty()) {
                co_await print(job);
            } else {
                co_await get(job);
            }
        } catch (const CancelledError&) {
            throw;
        } catch (const std::exception& e) {
            error = e.what();
        }
        progress_.end(job.place, error.empty() ? Progress::kDone : error);
        if (!error.empty() && !progress_.shows_bars()) complain(name_of(job) + ": " + error);
        co_return error.empty();
    }

    Coro<> print(const Job& job) {
        auto response = co_await session_.get(job.url);
        response.raise_for_status();
        auto streams = co_await open_standard_streams();
        const StreamWriter output = streams.second;
        Progress::Item& item = progress_.at(job.place);
        while (auto chunk = co_await response.content().next_chunk()) {
            item.done += chunk->size();
            output.write(std::move(*chunk));
            co_await output.drain();
        }
    }

    Coro<> get(const Job& job) {
        if (!overwrites_) {
            const bool there = co_await fs::lexists(job.path);
            if (there) throw std::runtime_error("is there already; --force overwrites it");
        }
        const std::string part = job.path + ".part";
        const std::string note = part + ".version";
        // Going on makes sense only with the same file, of which its version tells.
        std::string version;
        std::uint64_t begun = 0;
        if (goes_on_) {
            const auto known = co_await as_result(fs::read_text(note));
            const auto size = co_await as_result(fs::getsize(part));
            if (known && size) {
                version = known.value();
                begun = static_cast<std::uint64_t>(size.value());
            }
        }
        auto response = co_await ask(job, begun, version);
        if (begun > 0 && !continues(response, begun)) {
            // There is no more, or it is another part than was asked for.
            if (response.status() == 416 || response.status() == 206)
                response = co_await ask(job, 0, version);
            begun = 0;
        }
        response.raise_for_status();
        const fs::File file = co_await fs::open(part, begun > 0 ? "ab" : "wb");
        co_await keep_version(note, response);  // not before what is left of another version has gone
        co_await copy(job, response, file, begun);
        static_cast<void>(co_await as_result(fs::remove(note)));  // all is there: nothing to go on with
        if (!job.sha256.empty()) co_await check_sum(job, part);
        co_await fs::replace(part, job.path);
    }

    static bool continues(const http::ClientResponse& response, std::uint64_t begin) {
        return response.status() == 206 && response.headers()
                                               .get("Content-Range", "")
                                               .starts_with("bytes " + std::to_string(begin) + "-");
    }

    Coro<http::ClientResponse> ask(const Job& job, std::uint64_t begin, std::string version) {
        auto request = session_.get(job.url).auto_decompress(false).skip_auto_header("Accept-Encoding");
        if (begin > 0)
            request.header("Range", "bytes=" + std::to_string(begin) + "-").header("If-Range", version);
        co_return co_await std::move(request);
    }

    static Coro<> keep_version(const std::string& note, const http::ClientResponse& response) {
        const std::string_view tag = response.headers().get("ETag", "");
        const std::string_view date = response.headers().get("Last-Modified", "");
        // A weak tag does not say that all bytes are the same.
        const std::string version(tag.empty() || tag.starts_with("W/") ? date : tag);
        if (version.empty()) {
            static_cast<void>(co_await as_result(fs::remove(note)));
        } else {
            co_await fs::write_text(note, version);
        }
    }

    Coro<> copy(const Job& job, http::ClientResponse& response, fs::File file, std::uint64_t begun) {
        Progress::Item& item = progress_.at(job.place);
        item.done = item.resumed = begun;
        if (const auto length = response.content_length()) item.total = begun + *length;
        while (auto chunk = co_await response.content().next_chunk()) {
            item.done += chunk->size();
            co_await file.write(std::move(*chunk));
        }
        co_await file.close();
    }

    static Coro<> check_sum(const Job& job, const std::string& part) {
        const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> sum(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        EVP_DigestInit_ex(sum.get(), EVP_sha256(), nullptr);
        const fs::File file = co_await fs::open(part, "rb");
        for (;;) {
            const std::string piece = co_await file.read(1 << 20);
            if (piece.empty()) break;
            EVP_DigestUpdate(sum.get(), piece.data(), piece.size());
        }
        co_await file.close();
        std::array<unsigned char, 32> digest{};
        EVP_DigestFinal_ex(sum.get(), digest.data(), nullptr);
        std::string text;
        for (const unsigned char byte : digest) {
            std::array<char, 3> two{};
            std::snprintf(two.data(), two.size(), "%02x", byte);
            text += two.data();
        }
        if (text == job.sha256) co_return;
        co_await fs::remove(part);
        throw std::runtime_error("has the SHA-256 " + text);
    }

    http::ClientSession session_;
    Progress progress_;
    Semaphore at_once_;
    const bool goes_on_;
    const bool overwrites_;
    std::vector<Job> jobs_;
};

/// The last part of a path, which is somebody else's text: no folder, nothing hidden, nothing that a terminal
/// obeys.
std::string file_name(const http::URL& url) {
    std::string name = url.name();
    for (char& c : name)
        if (c == '/' || static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '_';
    name.erase(0, name.find_first_not_of('.'));
    return name.empty() ? "index.html" : name;
}

Job job_of(const std::string& text, const Arguments& arguments) {
    Job job{.url = url_of(text), .path = {}, .sha256 = {}};
    const std::string fragment(job.url.fragment());
    if (fragment.starts_with("sha256=")) job.sha256 = fragment.substr(7);
    if (!job.sha256.empty() && job.sha256.size() != 64) throw UsageError("a SHA-256 has 64 digits: " + text);
    if (const auto output = arguments.get("output")) {
        if (*output != "-") job.path = *output;
        return job;
    }
    job.path = arguments.get("directory").value_or(".") + "/" + file_name(job.url);
    return job;
}

int get(const Arguments& arguments) {
    if (arguments.words().empty()) throw UsageError("where is the URL?");
    if (arguments.has("output") && arguments.words().size() > 1) throw UsageError("--output is for one URL");
    std::vector<Job> jobs;
    for (const std::string& text : arguments.words()) {
        jobs.push_back(job_of(text, arguments));
        for (std::size_t i = 0; i + 1 < jobs.size(); ++i)
            if (jobs[i].path == jobs.back().path) throw UsageError("two URLs for the file " + jobs[i].path);
    }
    Getting getting(arguments, std::move(jobs));
    return aio::run(getting.run()) == 0 ? 0 : 1;
}

}  // namespace

const Command kGet{"get", "[OPTION...] URL...", "Fetches files, several at a time", kMore, kOptions, get};

}  // namespace aio::cli
