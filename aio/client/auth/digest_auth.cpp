// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/client/auth/digest_auth.hpp>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <initializer_list>
#include <utility>

namespace aio::http {
namespace {

std::string hexadecimal(const unsigned char* bytes, std::size_t count) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += kDigits[bytes[i] >> 4];
        text += kDigits[bytes[i] & 15];
    }
    return text;
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    }
    return result;
}

struct Algorithm {
    const char* name;     // in capitals, as servers write it
    const char* openssl;  // as OpenSSL calls it
};
constexpr std::array<Algorithm, 7> kAlgorithms = {{{"MD5", "MD5"},
                                                   {"SHA", "SHA1"},
                                                   {"SHA-256", "SHA256"},
                                                   {"SHA256", "SHA256"},
                                                   {"SHA-512", "SHA512"},
                                                   {"SHA512", "SHA512"},
                                                   {"SHA-512-256", "SHA512-256"}}};

// A digest of texts with colons between them, as the algorithm of a challenge has it.
class Hash {
public:
    explicit Hash(const std::string& algorithm) {
        std::string name = upper(algorithm.empty() ? "MD5" : algorithm);
        if (name.ends_with("-SESS")) {
            session_ = true;
            name.resize(name.size() - 5);
        }
        const auto found = std::find_if(kAlgorithms.begin(), kAlgorithms.end(),
                                        [&](const Algorithm& known) { return known.name == name; });
        if (found != kAlgorithms.end()) type_ = EVP_get_digestbyname(found->openssl);
    }
    /// False also for one that this OpenSSL refuses.
    explicit operator bool() const noexcept { return type_ != nullptr; }
    bool session() const noexcept { return session_; }

    std::string operator()(std::initializer_list<std::string_view> parts) const {
        std::string text;
        bool first = true;
        for (const std::string_view part : parts) {
            if (!std::exchange(first, false)) text += ':';
            text += part;
        }
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned int size = 0;
        if (EVP_Digest(text.data(), text.size(), digest, &size, type_, nullptr) != 1) {
            throw RuntimeError("OpenSSL cannot compute the digest");
        }
        return hexadecimal(digest, size);
    }

private:
    const EVP_MD* type_ = nullptr;
    bool session_ = false;
};

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f') {
            throw ValueError("a control character in what Digest authentication would send");
        }
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result += '"';
}

// auth-int if it is offered, as in aiohttp.
std::optional<std::string> chosen_qop(std::string_view offered) {
    bool any = false;
    std::string chosen;
    while (!offered.empty()) {
        const std::size_t comma = offered.find(',');
        std::string_view one = offered.substr(0, comma);
        offered = comma == std::string_view::npos ? std::string_view() : offered.substr(comma + 1);
        while (one.starts_with(' ') || one.starts_with('\t')) one.remove_prefix(1);
        while (one.ends_with(' ') || one.ends_with('\t')) one.remove_suffix(1);
        if (one.empty()) continue;
        any = true;
        const std::string name = upper(one);
        if (name == "AUTH-INT") chosen = "auth-int";
        if (name == "AUTH" && chosen.empty()) chosen = "auth";
    }
    if (any && chosen.empty()) return std::nullopt;
    return chosen;
}

bool is_true(std::optional<std::string_view> value) { return value && upper(*value) == "TRUE"; }

std::string random_cnonce() {
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof bytes) != 1) throw RuntimeError("OpenSSL has no random numbers");
    return hexadecimal(bytes, sizeof bytes);
}

bool same_origin(const URL& a, const URL& b) {
    return a.scheme() == b.scheme() && a.raw_host() == b.raw_host() && a.port() == b.port();
}

// The path is that of the space, or below it.
bool is_within(const URL& space, const URL& url) {
    if (!same_origin(space, url)) return false;
    const std::string_view above = space.raw_path();
    const std::string_view path = url.raw_path();
    if (!path.starts_with(above)) return false;
    return path.size() == above.size() || above.ends_with('/') || path[above.size()] == '/';
}

// What is no URL is left out.
std::vector<URL> domain_of(std::string_view text, const URL& origin) {
    std::vector<URL> domain;
    while (!text.empty()) {
        const std::size_t space = text.find(' ');
        try {
            if (space != 0) domain.push_back(origin.join(URL(text.substr(0, space))));
        } catch (const ValueError&) {
        }
        text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
    }
    return domain;
}

}  // namespace

std::optional<DigestChallenge> DigestChallenge::of(const AuthChallenge& challenge) {
    if (challenge.scheme != "digest") return std::nullopt;
    const auto realm = challenge.get("realm");
    const auto nonce = challenge.get("nonce");
    const auto qop = chosen_qop(challenge.get("qop").value_or(std::string_view()));
    if (!realm || !nonce || nonce->empty() || !qop) return std::nullopt;
    DigestChallenge digest;
    digest.algorithm = challenge.get("algorithm").value_or(std::string_view());
    if (!Hash(digest.algorithm)) return std::nullopt;
    digest.realm = *realm;
    digest.nonce = *nonce;
    digest.qop = *qop;
    if (const auto opaque = challenge.get("opaque")) digest.opaque = *opaque;
    digest.domain = challenge.get("domain").value_or(std::string_view());
    digest.stale = is_true(challenge.get("stale"));
    digest.userhash = is_true(challenge.get("userhash"));
    return digest;
}

std::string DigestChallenge::authorization(std::string_view login, std::string_view password,
                                           std::string_view method, std::string_view uri, BytesView body,
                                           std::string_view cnonce, std::uint32_t nonce_count) const {
    const Hash hash(algorithm);
    if (!hash) throw ValueError("unknown algorithm for Digest authentication: " + algorithm);
    char count[9];
    std::snprintf(count, sizeof count, "%08x", nonce_count);

    std::string secret = hash({login, realm, password});
    if (hash.session()) secret = hash({secret, nonce, cnonce});
    const bool with_body = qop == "auth-int";
    const std::string what = with_body
                                 ? hash({method, uri, hash({std::string_view(body.data(), body.size())})})
                                 : hash({method, uri});
    const std::string response =
        qop.empty() ? hash({secret, nonce, what}) : hash({secret, nonce, count, cnonce, qop, what});

    std::string text = "Digest username=" + quoted(userhash ? hash({login, realm}) : login);
    text += ", realm=" + quoted(realm) + ", nonce=" + quoted(nonce) + ", uri=" + quoted(uri);
    text += ", response=" + quoted(response);
    if (!algorithm.empty()) text += ", algorithm=" + algorithm;
    if (opaque) text += ", opaque=" + quoted(*opaque);
    if (!qop.empty()) text += ", qop=" + qop + ", nc=" + count + ", cnonce=" + quoted(cnonce);
    if (userhash) text += ", userhash=true";
    return text;
}

DigestAuth::DigestAuth(std::string login, std::string password)
    : login_(std::move(login)), password_(std::move(password)) {
    if (login_.find(':') != std::string::npos) {
        throw ValueError("a \":\" is not allowed in login (RFC 7616, 3.4.2)");
    }
}

bool DigestAuth::answer(std::span<const std::string_view> fields, const URL& url) {
    if (!url.is_absolute() || (origin_ && !same_origin(*origin_, url))) return false;
    for (const std::string_view field : fields) {
        for (const AuthChallenge& offered : parse_challenges(field)) {
            std::optional<DigestChallenge> digest = DigestChallenge::of(offered);
            if (!digest) continue;
            if (!challenge_ || challenge_->nonce != digest->nonce) nonce_count_ = 0;
            challenge_ = std::move(digest);
            origin_ = url.origin();
            domain_ = domain_of(challenge_->domain, *origin_);
            return true;
        }
    }
    return false;
}

bool DigestAuth::covers(const URL& url) const {
    if (!challenge_ || !same_origin(*origin_, url)) return false;
    if (domain_.empty()) return true;
    return std::any_of(domain_.begin(), domain_.end(),
                       [&](const URL& space) { return space.is_absolute() && is_within(space, url); });
}

std::string DigestAuth::authorization(std::string_view method, const URL& url, BytesView body) {
    if (!challenge_) throw RuntimeError("DigestAuth.authorization() before a challenge");
    return challenge_->authorization(login_, password_, method, url.raw_path_qs(), body, random_cnonce(),
                                     ++nonce_count_);
}

}  // namespace aio::http
