// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/detail/lifetime_bound.hpp>
#include <aio/base/error.hpp>
#include <aio/base/memory.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::http {

/// A file of names and passwords that is not understood, or that others can read. Mirrors
/// netrc.NetrcParseError.
class NetrcParseError : public RuntimeError {
public:
    NetrcParseError(const std::string& msg, const std::string& filename, unsigned lineno);
    const std::string& msg() const noexcept { return data_->msg; }
    const std::string& filename() const noexcept { return data_->filename; }
    /// 0 if it is not about a line.
    unsigned lineno() const noexcept { return data_->lineno; }

private:
    struct Data {
        std::string msg;
        std::string filename;
        unsigned lineno;
    };
    std::shared_ptr<const Data> data_;
};

/// What ~/.netrc knows: who one is for which host. Mirrors netrc.netrc, with its rules: words in quotes or
/// with backslashes, comments, "default" and "macdef". Thread rule: as of std::map.
class Netrc {
public:
    struct Authenticator {
        std::string login;
        std::string account;
        std::string password;
        friend bool operator==(const Authenticator&, const Authenticator&) = default;
    };

    /// None.
    Netrc() = default;
    /// What stands in `text`; errors name `filename`. Throws NetrcParseError.
    explicit Netrc(std::string_view text, const std::string& filename = "<text>");
    /// Of a file, whoever can read it. Blocks until it is read. Throws FileNotFoundError and its kin,
    /// NetrcParseError.
    static Netrc load(const std::string& path);
    /// Of the file that NETRC names, or else of ~/.netrc, which only its owner may be able to read unless all
    /// logins in it are anonymous; nothing if there is none. Blocks and throws as load(). Mirrors aiohttp's
    /// netrc_from_env(), which only warns of what is wrong with it.
    static std::optional<Netrc> from_env();

    /// The entry of the host, or else the default one; null if there is neither.
    const Authenticator* authenticators(std::string_view host) const noexcept AIO_LIFETIME_BOUND;
    const std::map<std::string, Authenticator, std::less<>>& hosts() const noexcept AIO_LIFETIME_BOUND {
        return hosts_;
    }
    /// Names with their lines.
    const std::map<std::string, std::vector<std::string>>& macros() const noexcept AIO_LIFETIME_BOUND {
        return macros_;
    }

private:
    class Parser;
    std::map<std::string, Authenticator, std::less<>> hosts_;
    std::map<std::string, std::vector<std::string>> macros_;
};

/// The value of a field Authorization for the host; nothing if the file does not know it. Its login is the
/// account where there is no login. Mirrors aiohttp's basicauth_from_netrc(). Threads: any.
std::optional<std::string> basic_auth_from_netrc(const Netrc& netrc, std::string_view host);

}  // namespace aio::http
