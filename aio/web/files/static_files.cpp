// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/web/exceptions.hpp>
#include <aio/web/files/file_state_impl.hpp>
#include <aio/web/files/static_files.hpp>
#include <aio/web/files/static_files_impl.hpp>
#include <aio/web/request.hpp>
#include <aio/web/response.hpp>
#include <aio/web/router/url_dispatcher.hpp>

#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

namespace aio::web {
namespace detail {

std::optional<std::string> path_below(std::string_view filename) {
    if (filename.starts_with('/') || filename.find('\0') != filename.npos) return std::nullopt;
    std::vector<std::string_view> segments;
    while (!filename.empty()) {
        const std::size_t slash = std::min(filename.find('/'), filename.size());
        const std::string_view segment = filename.substr(0, slash);
        if (segment == "..") {
            if (segments.empty()) return std::nullopt;
            segments.pop_back();
        } else if (!segment.empty() && segment != ".") {
            segments.push_back(segment);
        }
        filename.remove_prefix(std::min(slash + 1, filename.size()));
    }
    std::string path;
    for (const std::string_view segment : segments) path.append(path.empty() ? "" : "/").append(segment);
    return path.empty() ? "." : path;
}

}  // namespace detail

namespace {

// A response of a state of one's own.
class StateResponse : public Response {
public:
    explicit StateResponse(detail::ResponseState* state) noexcept : Response(state) {}
};

std::string real_folder(std::string_view directory) {
    std::string path(directory);
    if (path == "~" || path.starts_with("~/")) {
        const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): before there are requests
        if (home != nullptr) path.replace(0, 1, home);
    }
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
    if (!real) throw ValueError("'" + path + "' does not exist");
    std::string folder = real.get();
    if (::access((folder + "/.").c_str(), F_OK) != 0 && errno == ENOTDIR) {
        throw ValueError("'" + folder + "' is not a directory");
    }
    return folder;
}

std::string base64url(const unsigned char* bytes, std::size_t size) {
    std::vector<unsigned char> text(4 * ((size + 2) / 3) + 1);
    EVP_EncodeBlock(text.data(), bytes, static_cast<int>(size));
    std::string result(text.begin(), text.end() - 1);
    std::replace(result.begin(), result.end(), '+', '-');
    std::replace(result.begin(), result.end(), '/', '_');
    return result;
}

// SHA-256 of what is in the file, as aiohttp has it; nothing if it cannot be read.
std::optional<std::string> hash_of(int fd) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) return std::nullopt;
    std::array<char, 16384> buffer;
    for (;;) {
        const ::ssize_t count = ::read(fd, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::nullopt;
        if (count == 0) break;
        EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(count));
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_DigestFinal_ex(context.get(), digest.data(), &size);
    return base64url(digest.data(), size);
}

std::optional<std::string> version_of(const detail::FilePlace& root, std::string_view filename) {
    const std::optional<std::string> path = detail::path_below(filename);
    if (!path) return std::nullopt;
    const detail::OpenFile file = detail::open_file({root.root, *path, root.follow_symlinks}, {});
    if (file.error != 0) return std::nullopt;
    return hash_of(file.fd.get());
}

// The URL of the folder is asked for when it is needed: it may get a prefix later.
Coro<Response> serve(detail::FilePlace root, bool show_index, Request& request) {
    std::optional<std::string> path = detail::path_below(request.match_info()["filename"]);
    if (!path) throw HTTPNotFound();
    detail::FilePlace place = std::move(root);
    place.path = std::move(*path);
    if (show_index) place.index_url = request.match_info().route().resource().canonical();
    co_return StateResponse(new detail::FileState(std::move(place)));
}

}  // namespace

StaticResource& UrlDispatcher::add_static(std::string_view prefix, std::string_view directory,
                                          const StaticOptions& options) {
    const detail::FilePlace root{real_folder(directory), {}, options.break_symlink_sandbox()};
    const auto version = [root](std::string_view filename) { return version_of(root, filename); };
    return add_static(prefix, Handler(serve, root, options.show_index()),
                      StaticRouteOptions()
                          .name(options.name())
                          .expect_handler(options.expect_handler())
                          .append_version(options.append_version())
                          .version(version));
}

}  // namespace aio::web
