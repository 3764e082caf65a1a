// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/cookies/cookie_jar.hpp>
#include <aio/client/cookies/cookie_store_impl.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace aio::http {
namespace {

namespace json = boost::json;

/// A file beside the one that it is to replace, gone if that does not happen.
class NewFile {
public:
    explicit NewFile(std::string path) : path_(std::move(path)), name_(path_ + ".XXXXXX") {
        fd_ = ::mkostemp(name_.data(), O_CLOEXEC);  // only the owner can read it
        if (fd_ < 0) raise_os_error(errno, path_);
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile() {
        if (fd_ >= 0) ::close(fd_);
        if (!name_.empty()) ::unlink(name_.c_str());
    }
    void write(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t count = ::write(fd_, text.data(), text.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) raise_os_error(errno, path_);
            text.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void replace() {
        if (::fsync(fd_) != 0) raise_os_error(errno, path_);
        if (::close(std::exchange(fd_, -1)) != 0) raise_os_error(errno, path_);
        if (::rename(name_.c_str(), path_.c_str()) != 0) raise_os_error(errno, path_);
        name_.clear();
    }

private:
    const std::string path_;
    std::string name_;
    int fd_ = -1;
};

std::string read_file(const std::string& path) {
    std::FILE* const file = std::fopen(path.c_str(), "rbe");
    if (!file) raise_os_error(errno, path);
    std::string text;
    char buffer[4096];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, file)) text.append(buffer, count);
    const int error = std::ferror(file) ? errno : 0;
    std::fclose(file);
    if (error != 0) raise_os_error(error, path);
    return text;
}

const char* text_of(SameSite rule) {
    return rule == SameSite::lax ? "lax" : rule == SameSite::strict ? "strict" : "none";
}

[[noreturn]] void raise_other_kind(const std::string& what) {
    throw ValueError("not a file of CookieJar.save(): " + what);
}

std::string text_at(const json::object& from, std::string_view name) {
    const json::value* const value = from.if_contains(name);
    if (!value) return std::string();
    if (!value->is_string()) raise_other_kind(std::string(name) + " is no text");
    return std::string(value->get_string());
}

bool flag_at(const json::object& from, std::string_view name) {
    const json::value* const value = from.if_contains(name);
    if (!value) return false;
    if (!value->is_bool()) raise_other_kind(std::string(name) + " is neither true nor false");
    return value->get_bool();
}

std::optional<std::chrono::sys_seconds> time_at(const json::object& from, std::string_view name) {
    const json::value* const value = from.if_contains(name);
    if (!value) return std::nullopt;
    if (!value->is_int64()) raise_other_kind(std::string(name) + " is no whole number");
    return std::chrono::sys_seconds(std::chrono::seconds(value->get_int64()));
}

std::optional<SameSite> same_site_at(const json::object& from) {
    const std::string text = text_at(from, "samesite");
    if (text.empty()) return std::nullopt;
    for (const SameSite rule : {SameSite::lax, SameSite::strict, SameSite::none}) {
        if (text == text_of(rule)) return rule;
    }
    raise_other_kind("samesite is " + text);
}

}  // namespace

void CookieJar::save(const std::string& path) const {
    json::array all;
    store_->for_each(now(), [&](const Store::Stored& stored) {
        const Cookie& cookie = stored.cookie;
        json::object one;
        one["name"] = cookie.name();
        one["value"] = cookie.coded_value();
        one["domain"] = stored.domain;
        one["path"] = stored.path;
        if (stored.host_only) one["host_only"] = true;
        if (cookie.expires()) one["expires"] = cookie.expires()->time_since_epoch().count();
        if (cookie.secure()) one["secure"] = true;
        if (cookie.httponly()) one["httponly"] = true;
        if (cookie.samesite()) one["samesite"] = text_of(*cookie.samesite());
        if (cookie.partitioned()) one["partitioned"] = true;
        all.push_back(std::move(one));
    });
    json::object whole;
    whole["version"] = 1;
    whole["cookies"] = std::move(all);
    NewFile file(path);
    file.write(json::serialize(whole) + '\n');
    file.replace();
}

void CookieJar::load(const std::string& path) {
    json::error_code error;
    const json::value whole = json::parse(read_file(path), error);
    const json::object* const object = error ? nullptr : whole.if_object();
    const json::value* const version = object ? object->if_contains("version") : nullptr;
    const json::value* const listed = object ? object->if_contains("cookies") : nullptr;
    if (!version || *version != 1 || !listed || !listed->is_array()) raise_other_kind(path);

    Store store;
    const Store::Time time = now();
    for (const json::value& one : listed->get_array()) {
        const json::object* const from = one.if_object();
        if (!from) raise_other_kind("a cookie is no object");
        const std::string pair = text_at(*from, "name") + '=' + text_at(*from, "value");
        std::optional<Cookie> cookie = parse_set_cookie(pair);
        if (!cookie || pair.find(';') != std::string::npos) raise_other_kind("no cookie: " + pair);
        Store::Stored stored{std::move(*cookie), text_at(*from, "domain"), text_at(*from, "path"),
                             flag_at(*from, "host_only")};
        if (!stored.path.starts_with('/')) raise_other_kind("a path does not begin with a slash");
        stored.cookie.expires(time_at(*from, "expires")).samesite(same_site_at(*from));
        stored.cookie.secure(flag_at(*from, "secure")).httponly(flag_at(*from, "httponly"));
        stored.cookie.partitioned(flag_at(*from, "partitioned"));
        stored.describe();
        store.put(std::move(stored), time);
    }
    *store_ = std::move(store);
}

}  // namespace aio::http
