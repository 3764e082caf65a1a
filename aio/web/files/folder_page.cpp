// SPDX-License-Identifier: MIT
#include <aio/http/url/utf8_impl.hpp>
#include <aio/web/files/static_files_impl.hpp>
#include <aio/web/router/pattern/path_text_impl.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <algorithm>
#include <memory>
#include <vector>

namespace aio::web::detail {
namespace {

std::string escaped(std::string_view text) {
    std::string html;
    for (const char c : http::detail::replace_invalid_utf8(std::string(text))) {
        switch (c) {
            case '&':
                html += "&amp;";
                break;
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            case '"':
                html += "&quot;";
                break;
            case '\'':
                html += "&#x27;";
                break;
            default:
                html += c;
        }
    }
    return html;
}

// Links are not followed: where they lead is nobody's business.
bool is_folder(int fd, const dirent& entry) {
    if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
    struct stat info{};
    return ::fstatat(fd, entry.d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

struct Close {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

// Names, those of folders with a slash, in the order of their bytes.
std::vector<std::string> names_in(int fd) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, Close> folder(::fdopendir(::fcntl(fd, F_DUPFD_CLOEXEC, 0)));
    if (!folder) return names;
    while (const dirent* entry = ::readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe): its own stream
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        names.push_back(std::string(name) + (is_folder(fd, *entry) ? "/" : ""));
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

std::string folder_page(int fd, std::string_view path, std::string_view prefix) {
    const std::string below = path == "." ? "" : std::string(path) + "/";
    const std::string title = "Index of /" + escaped(below);
    std::string html = "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>" + title +
                       "</title>\n</head>\n<body>\n<h1>" + title + "</h1>\n<ul>\n";
    for (const std::string& name : names_in(fd)) {
        html += "<li><a href=\"" + escaped(prefix) + "/" + escaped(quote_path(below + name)) + "\">" +
                escaped(name) + "</a></li>\n";
    }
    return html + "</ul>\n</body>\n</html>\n";
}

}  // namespace aio::web::detail
