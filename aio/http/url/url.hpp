// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/http/multi_dict.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::http {

class URLParts;
namespace detail {
struct UrlViews;
}

/// Says that a text is encoded already and is to be taken as it is: Python's `encoded=True`.
struct encoded_t {
    explicit encoded_t() = default;
};
inline constexpr encoded_t encoded{};

/// A URL, absolute ("http://example.org/path?x=1#part") or relative ("path?x=1"). A value that does not
/// change: with_host() and its like give another one. Mirrors yarl.URL, with its names and its rules of
/// encoding.
///
/// What has to be encoded is, and what is encoded without need is decoded: "/a b/%7e" becomes "/a%20b/~".
/// Names with raw_ tell of the encoded form, which goes to a server; the others of the decoded form, for
/// people and programs. Views refer to the URL and are valid as long as it is.
///
/// A URL never has CR, LF or other control characters in it, nor a host that two programs could take for
/// different ones: such texts are refused with ValueError.
///
/// Threads: any, for different objects and for reading.
class URL {
public:
    /// The empty relative URL.
    URL() noexcept = default;
    /// Throws ValueError, with what is wrong and where, for a text that is no URL.
    URL(std::string_view text);
    URL(const char* text) : URL(std::string_view(text)) {}
    URL(const std::string& text) : URL(std::string_view(text)) {}
    /// `text` as it is, with lower case in scheme and host. For servers that take "%7E" and "~" for different
    /// things, or want brackets in their queries. Throws ValueError also for whatever is no printable ASCII.
    URL(std::string_view text, encoded_t);
    /// Made of parts. Throws ValueError for what is no part of that kind. Mirrors URL.build().
    static URL build(const URLParts& parts);

    const std::string& str() const noexcept AIO_LIFETIME_BOUND { return text_; }
    /// Decoded as far as it can be without becoming another URL. For people: whoever shows it to some should
    /// know that international names can look like others.
    std::string human_repr() const;

    /// Whether it has a host.
    bool is_absolute() const noexcept { return marks_.host_end != marks_.host; }
    /// Whether port() is the one that the scheme has anyway.
    bool is_default_port() const noexcept;
    /// Whether it has anything at all, beside a scheme.
    explicit operator bool() const noexcept {
        return text_.size() > marks_.scheme + (marks_.scheme != 0 ? 1u : 0u);
    }

    /// In lower case; empty for relative URLs.
    std::string_view scheme() const noexcept AIO_LIFETIME_BOUND { return view(0, marks_.scheme); }
    /// "user:password@host:port", what of it there is.
    std::string_view raw_authority() const noexcept AIO_LIFETIME_BOUND;
    std::string authority() const;
    /// Nothing if there is none or it is empty.
    std::optional<std::string_view> raw_user() const noexcept AIO_LIFETIME_BOUND;
    std::optional<std::string> user() const;
    /// Nothing if there is none; may be empty.
    std::optional<std::string_view> raw_password() const noexcept AIO_LIFETIME_BOUND;
    std::optional<std::string> password() const;
    /// Without brackets; nothing for relative URLs. host() is for people and for who connects: international
    /// names are decoded, and the "%25" before a zone is "%".
    std::optional<std::string_view> raw_host() const noexcept AIO_LIFETIME_BOUND;
    std::optional<std::string> host() const;
    /// The port, or that of the scheme (http, https, ws, wss); nothing if neither is known.
    std::optional<std::uint16_t> port() const noexcept;
    std::optional<std::uint16_t> explicit_port() const noexcept;

    /// "/" for absolute URLs without a path. In path() an encoded slash is one: who takes it apart takes
    /// parts().
    std::string_view raw_path() const noexcept AIO_LIFETIME_BOUND;
    std::string path() const;
    /// What goes into the first line of a request: path and query.
    std::string_view raw_path_qs() const noexcept AIO_LIFETIME_BOUND;
    std::string path_qs() const;
    /// Without "?"; empty if there is none.
    std::string_view raw_query_string() const noexcept AIO_LIFETIME_BOUND;
    std::string query_string() const;
    /// The parameters, decoded, in their order. Parsed by each call.
    MultiDict query() const;
    /// Without "#"; empty if there is none.
    std::string_view raw_fragment() const noexcept AIO_LIFETIME_BOUND;
    std::string fragment() const;

    /// What stands between the slashes; before it, if the path begins with one, "/".
    std::vector<std::string_view> raw_parts() const AIO_LIFETIME_BOUND;
    std::vector<std::string> parts() const;
    /// The last of them; empty if the path ends with "/".
    std::string_view raw_name() const noexcept AIO_LIFETIME_BOUND;
    std::string name() const;
    /// The last "." of the name with what follows; empty if there is none. suffixes() are all of them.
    std::string_view raw_suffix() const noexcept AIO_LIFETIME_BOUND;
    std::string suffix() const;
    std::vector<std::string_view> raw_suffixes() const AIO_LIFETIME_BOUND;
    std::vector<std::string> suffixes() const;

    /// Without the last part of the path, query and fragment.
    URL parent() const;
    /// Scheme, host and port alone. Throws ValueError if it has no host or no scheme.
    URL origin() const;
    /// Path, query and fragment alone. Throws ValueError if it has no host.
    URL relative() const;

    /// Scheme, user, password, host and port of others: ValueError for URLs without a host. None takes what
    /// is there away, with the user also the password.
    URL with_scheme(std::string_view scheme) const;
    URL with_user(std::optional<std::string_view> user) const;
    URL with_password(std::optional<std::string_view> password) const;
    URL with_host(std::string_view host) const;
    URL with_port(std::optional<std::uint16_t> port) const;
    /// Another path, whose query and fragment go. A "%" in `path` is an ordinary character.
    URL with_path(std::string_view path) const;
    URL with_path(std::string_view path, encoded_t) const;
    /// Another query: text whose delimiters count, or parameters, of which each is encoded. The empty one
    /// goes.
    URL with_query(std::string_view query) const;
    URL with_query(const char* query) const { return with_query(std::string_view(query)); }
    URL with_query(const MultiDict& query) const;
    /// The parameters of `query` replace those of the same names, the others stay.
    URL update_query(std::string_view query) const;
    URL update_query(const char* query) const { return update_query(std::string_view(query)); }
    URL update_query(const MultiDict& query) const;
    URL with_fragment(std::string_view fragment) const;
    /// Another last part of the path, or another suffix of it; query and fragment go. Throws ValueError for
    /// names with a slash, "." and "..", and for suffixes that do not begin with a dot, or of a URL without a
    /// name.
    URL with_name(std::string_view name) const;
    URL with_suffix(std::string_view suffix) const;

    /// One more part of the path; query and fragment go. `name` may be several, with slashes between them.
    /// Throws ValueError if it begins with one.
    friend URL operator/(const URL& url, std::string_view name) { return url.child(name); }
    /// The same with several, one after the other.
    template <class... Names>
    URL joinpath(std::string_view name, const Names&... names) const {
        if constexpr (sizeof...(names) == 0) {
            return child(name);
        } else {
            return child(name).joinpath(names...);
        }
    }
    /// What `url` means where this is the URL of the document (RFC 3986, 5.2): a Location, a link.
    URL join(const URL& url) const;

    /// A path that is not there and "/" are the same.
    friend bool operator==(const URL& a, const URL& b) noexcept { return std::is_eq(a <=> b); }
    friend std::strong_ordering operator<=>(const URL& a, const URL& b) noexcept;

private:
    friend struct std::hash<URL>;
    friend struct detail::UrlViews;

    // Where the parts begin and end in the text. Of a part that is not there both are the same.
    struct Marks {
        std::uint32_t scheme = 0;
        std::uint32_t authority = 0;
        std::uint32_t user_end = 0;
        std::uint32_t password = 0;
        std::uint32_t password_end = 0;
        std::uint32_t host = 0;
        std::uint32_t host_end = 0;
        std::uint32_t authority_end = 0;
        std::uint32_t path = 0;
        std::uint32_t path_end = 0;
        std::uint32_t query_end = 0;
        std::int32_t port = -1;
        bool has_authority = false;
        bool has_password = false;
    };

    explicit URL(const detail::UrlViews& views);
    detail::UrlViews views() const noexcept;
    URL child(std::string_view name) const;
    std::string_view view(std::size_t begin, std::size_t end) const noexcept {
        return std::string_view(text_).substr(begin, end - begin);
    }

    std::string text_;
    Marks marks_;
};

}  // namespace aio::http

template <>
struct std::hash<aio::http::URL> {
    std::size_t operator()(const aio::http::URL& url) const noexcept;
};
