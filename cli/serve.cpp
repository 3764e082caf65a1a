// SPDX-License-Identifier: MIT
// aio serve: the files of a folder.
#include "command.hpp"
#include "own_certificate.hpp"

#include <aio/aio.hpp>
#include <aio/ssl.hpp>
#include <aio/web.hpp>

#include <sys/mman.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace aio::cli {
namespace {

constexpr std::array kOptions{
    Option{"port", 'p', "PORT", "where it listens; 8000. 0: any that is free"},
    Option{"host", 0, "HOST", "the address; 127.0.0.1, so only this machine. 0.0.0.0: everybody"},
    Option{"tls", 't', "", "https, with a certificate made for this run"},
    Option{"cert", 0, "FILE", "https with this certificate (PEM)"},
    Option{"key", 0, "FILE", "its key, if it is not in the same file"},
    Option{"no-listing", 0, "", "folders without index.html are not listed"},
    Option{"follow-links", 0, "", "symbolic links may lead out of the folder"},
    Option{"quiet", 'q', "", "no line for each request"},
};

constexpr std::string_view kMore =
    R"(A folder's index.html stands for it. Ranges, conditional requests and files that
are compressed beforehand (page.html.gz, page.html.br) are served as such.

  aio serve                           this folder at http://127.0.0.1:8000/
  aio serve site -p 8080 --host 0.0.0.0
  aio serve --tls                     at https://127.0.0.1:8000/
)";

using Path = std::filesystem::path;

/// The index.html of a folder within `root`; empty if there is none.
std::string index_of(const Path& root, const std::string& folder) {
    if (folder.find('\0') != folder.npos) return {};
    std::error_code error;
    const Path found = std::filesystem::canonical(root / Path(folder).relative_path() / "index.html", error);
    if (error || !std::filesystem::is_regular_file(found, error)) return {};
    const auto [end, in_found] = std::mismatch(root.begin(), root.end(), found.begin(), found.end());
    return end == root.end() ? found.string() : std::string();
}

Coro<web::Response> index_first(Path root, web::Request& request, web::Handler handler) {
    const std::string path(request.path());
    const std::string_view method = request.method();
    if (path.ends_with('/') && (method == "GET" || method == "HEAD")) {
        const std::string index = co_await to_thread(index_of, root, path);
        if (!index.empty()) co_return web::FileResponse(index);
    }
    web::Response response = co_await handler(request);
    co_return response;
}

web::Application make_app(Path root, bool lists, bool follows) {
    web::Application app(web::AppOptions().middleware({index_first, root}));
    app.add_static("/", root.string(), web::StaticOptions().show_index(lists).break_symlink_sandbox(follows));
    return app;
}

/// For who takes a file's name: the key is never on a disk.
class MemoryFile {
public:
    explicit MemoryFile(const std::string& content) : fd_(::memfd_create("aio", MFD_CLOEXEC)) {
        if (fd_ < 0 || ::write(fd_, content.data(), content.size()) != static_cast<ssize_t>(content.size()))
            throw std::runtime_error("no memory for a certificate");
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() { ::close(fd_); }
    std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

private:
    const int fd_;
};

std::shared_ptr<ssl::Context> context_for(const Arguments& arguments, const std::string& host) {
    auto context = ssl::create_default_context(ssl::Purpose::CLIENT_AUTH);
    if (const auto certificate = arguments.get("cert")) {
        context->load_cert_chain(*certificate, arguments.get("key").value_or(*certificate));
        return context;
    }
    const OwnCertificate own = make_own_certificate(host);
    const MemoryFile file(own.pem);
    context->load_cert_chain(file.path());
    std::printf("the certificate is signed by itself; its SHA-256 is\n  %s\n", own.sha256.c_str());
    return context;
}

int serve(const Arguments& arguments) {
    if (arguments.words().size() > 1) arguments.only_word("folder");
    const std::string folder = arguments.words().empty() ? "." : arguments.words().front();
    std::error_code error;
    const Path root = std::filesystem::canonical(folder, error);
    if (error || !std::filesystem::is_directory(root)) {
        complain("there is no folder '" + folder + "'");
        return 1;
    }
    const std::string host = arguments.get("host").value_or("127.0.0.1");
    const std::size_t port = arguments.number("port", 0).value_or(8000);
    if (port > 65535) throw UsageError("a port is at most 65535");
    if (arguments.has("key") && !arguments.has("cert")) throw UsageError("--key without --cert");
    auto options = web::RunOptions().host(host).port(static_cast<int>(port));
    if (arguments.has("tls") || arguments.has("cert")) options.ssl_context(context_for(arguments, host));
    web::ServerOptions server;
    if (arguments.has("quiet")) {
        server.access_log(nullptr);
    } else {
        server.access_log(
            std::make_shared<web::AccessLogger>(web::AccessLogFormat::kDefault, [](std::string_view line) {
                std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
                std::fflush(stdout);
            }));
    }
    const bool lists = !arguments.has("no-listing");
    const bool follows = arguments.has("follow-links");
    return web::run_app([=] { return make_app(root, lists, follows); }, options.server(std::move(server)));
}

}  // namespace

const Command kServe{
    "serve", "[OPTION...] [FOLDER]", "Serves the files of a folder over HTTP", kMore, kOptions, serve};

}  // namespace aio::cli
