// SPDX-License-Identifier: MIT
#pragma once

#include <aio/base/bytes.hpp>
#include <aio/http/url/url.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::http {

/// One of the ways in which a server wants to be told who asks: what a field WWW-Authenticate is made of.
struct AuthChallenge {
    std::string scheme;                                       ///< in small letters: "basic", "digest"
    std::vector<std::pair<std::string, std::string>> params;  ///< names in small letters; without quotes
    std::string token;                                        ///< of schemes that have one in their place

    std::optional<std::string_view> get(std::string_view name) const noexcept;
};

/// The challenges of a field, in order. A field may have several, and one of them several parameters, between
/// which commas stand as well. What is malformed ends it. Threads: any.
std::vector<AuthChallenge> parse_challenges(std::string_view field);

/// How a server wants Digest authentication (RFC 7616). Threads: any.
struct DigestChallenge {
    std::string realm;
    std::string nonce;
    std::optional<std::string> opaque;
    std::string algorithm;  ///< as the server has written it; empty stands for MD5
    std::string qop;        ///< "auth-int", "auth" or empty; the strongest of those that are offered
    std::string domain;     ///< URLs, with spaces between them
    bool stale = false;     ///< the nonce before was too old, and nothing else was wrong
    bool userhash = false;

    /// Nothing if it is no such challenge, or asks for something unknown: MD5, SHA, SHA-256, SHA-512 and
    /// SHA-512-256 are known, each with "-sess" as well.
    static std::optional<DigestChallenge> of(const AuthChallenge& challenge);
    /// The value of a field Authorization. `uri` is what stands in the request's first line, `nonce_count`
    /// how often this nonce was used, this time included. Throws ValueError if the login has a control
    /// character.
    std::string authorization(std::string_view login, std::string_view password, std::string_view method,
                              std::string_view uri, BytesView body, std::string_view cnonce,
                              std::uint32_t nonce_count) const;
};

/// Who one is for servers that ask by Digest authentication. What aiohttp.DigestAuthMiddleware knows and
/// computes.
///
///     DigestAuth auth("Mufasa", "Circle of Life");
///     if (response.status() == 401 && auth.answer(response.headers().getall("WWW-Authenticate"), url))
///         ... auth.authorization("GET", url, body)    // and the request once more
///
/// The surprising rule: the first origin that asks is the only one that gets answers, so that no other
/// server, to which a redirect may lead, can ask for them. Threads: one at a time.
class DigestAuth {
public:
    /// Throws ValueError for a login with a colon.
    DigestAuth(std::string login, std::string password);

    /// Takes what a 401 that answered a request for `url` says in its fields WWW-Authenticate: the first
    /// challenge that can be met. False if there is none, or if the origin is not the one that asked first.
    bool answer(std::span<const std::string_view> fields, const URL& url);
    /// Whether authorization() is good for that URL without being asked: it has been challenged by that
    /// origin, and what it said of its domain covers the path.
    bool covers(const URL& url) const;
    /// The value of a field Authorization for a request; counts how often the nonce was used. Throws
    /// RuntimeError if there was no challenge.
    std::string authorization(std::string_view method, const URL& url, BytesView body = BytesView());

    const std::optional<DigestChallenge>& challenge() const noexcept { return challenge_; }

private:
    std::string login_;
    std::string password_;
    std::optional<DigestChallenge> challenge_;
    std::optional<URL> origin_;
    std::vector<URL> domain_;
    std::uint32_t nonce_count_ = 0;
};

}  // namespace aio::http
