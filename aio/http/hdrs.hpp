// SPDX-License-Identifier: MIT
#pragma once

#include <aio/http/header_name.hpp>

/// The names of the header fields that programs have to do with, so that a misspelt one does not compile.
/// Setting one of them needs no check of the name. Mirrors aiohttp.hdrs. Threads: any.
namespace aio::http::hdrs {

inline constexpr HeaderName ACCEPT = HeaderName::known("Accept");
inline constexpr HeaderName ACCEPT_CHARSET = HeaderName::known("Accept-Charset");
inline constexpr HeaderName ACCEPT_ENCODING = HeaderName::known("Accept-Encoding");
inline constexpr HeaderName ACCEPT_LANGUAGE = HeaderName::known("Accept-Language");
inline constexpr HeaderName ACCEPT_PATCH = HeaderName::known("Accept-Patch");
inline constexpr HeaderName ACCEPT_POST = HeaderName::known("Accept-Post");
inline constexpr HeaderName ACCEPT_RANGES = HeaderName::known("Accept-Ranges");
inline constexpr HeaderName ACCESS_CONTROL_ALLOW_CREDENTIALS =
    HeaderName::known("Access-Control-Allow-Credentials");
inline constexpr HeaderName ACCESS_CONTROL_ALLOW_HEADERS = HeaderName::known("Access-Control-Allow-Headers");
inline constexpr HeaderName ACCESS_CONTROL_ALLOW_METHODS = HeaderName::known("Access-Control-Allow-Methods");
inline constexpr HeaderName ACCESS_CONTROL_ALLOW_ORIGIN = HeaderName::known("Access-Control-Allow-Origin");
inline constexpr HeaderName ACCESS_CONTROL_EXPOSE_HEADERS =
    HeaderName::known("Access-Control-Expose-Headers");
inline constexpr HeaderName ACCESS_CONTROL_MAX_AGE = HeaderName::known("Access-Control-Max-Age");
inline constexpr HeaderName ACCESS_CONTROL_REQUEST_HEADERS =
    HeaderName::known("Access-Control-Request-Headers");
inline constexpr HeaderName ACCESS_CONTROL_REQUEST_METHOD =
    HeaderName::known("Access-Control-Request-Method");
inline constexpr HeaderName AGE = HeaderName::known("Age");
inline constexpr HeaderName ALLOW = HeaderName::known("Allow");
inline constexpr HeaderName ALT_SVC = HeaderName::known("Alt-Svc");
inline constexpr HeaderName AUTHORIZATION = HeaderName::known("Authorization");
inline constexpr HeaderName CACHE_CONTROL = HeaderName::known("Cache-Control");
inline constexpr HeaderName CONNECTION = HeaderName::known("Connection");
inline constexpr HeaderName CONTENT_DISPOSITION = HeaderName::known("Content-Disposition");
inline constexpr HeaderName CONTENT_ENCODING = HeaderName::known("Content-Encoding");
inline constexpr HeaderName CONTENT_LANGUAGE = HeaderName::known("Content-Language");
inline constexpr HeaderName CONTENT_LENGTH = HeaderName::known("Content-Length");
inline constexpr HeaderName CONTENT_LOCATION = HeaderName::known("Content-Location");
inline constexpr HeaderName CONTENT_MD5 = HeaderName::known("Content-MD5");
inline constexpr HeaderName CONTENT_RANGE = HeaderName::known("Content-Range");
inline constexpr HeaderName CONTENT_SECURITY_POLICY = HeaderName::known("Content-Security-Policy");
inline constexpr HeaderName CONTENT_TRANSFER_ENCODING = HeaderName::known("Content-Transfer-Encoding");
inline constexpr HeaderName CONTENT_TYPE = HeaderName::known("Content-Type");
inline constexpr HeaderName COOKIE = HeaderName::known("Cookie");
inline constexpr HeaderName DATE = HeaderName::known("Date");
inline constexpr HeaderName DESTINATION = HeaderName::known("Destination");
inline constexpr HeaderName DIGEST = HeaderName::known("Digest");
inline constexpr HeaderName ETAG = HeaderName::known("ETag");
inline constexpr HeaderName EXPECT = HeaderName::known("Expect");
inline constexpr HeaderName EXPIRES = HeaderName::known("Expires");
inline constexpr HeaderName FORWARDED = HeaderName::known("Forwarded");
inline constexpr HeaderName FROM = HeaderName::known("From");
inline constexpr HeaderName HOST = HeaderName::known("Host");
inline constexpr HeaderName IF_MATCH = HeaderName::known("If-Match");
inline constexpr HeaderName IF_MODIFIED_SINCE = HeaderName::known("If-Modified-Since");
inline constexpr HeaderName IF_NONE_MATCH = HeaderName::known("If-None-Match");
inline constexpr HeaderName IF_RANGE = HeaderName::known("If-Range");
inline constexpr HeaderName IF_UNMODIFIED_SINCE = HeaderName::known("If-Unmodified-Since");
inline constexpr HeaderName KEEP_ALIVE = HeaderName::known("Keep-Alive");
inline constexpr HeaderName LAST_EVENT_ID = HeaderName::known("Last-Event-ID");
inline constexpr HeaderName LAST_MODIFIED = HeaderName::known("Last-Modified");
inline constexpr HeaderName LINK = HeaderName::known("Link");
inline constexpr HeaderName LOCATION = HeaderName::known("Location");
inline constexpr HeaderName MAX_FORWARDS = HeaderName::known("Max-Forwards");
inline constexpr HeaderName ORIGIN = HeaderName::known("Origin");
inline constexpr HeaderName PRAGMA = HeaderName::known("Pragma");
inline constexpr HeaderName PROXY_AUTHENTICATE = HeaderName::known("Proxy-Authenticate");
inline constexpr HeaderName PROXY_AUTHORIZATION = HeaderName::known("Proxy-Authorization");
inline constexpr HeaderName RANGE = HeaderName::known("Range");
inline constexpr HeaderName REFERER = HeaderName::known("Referer");
inline constexpr HeaderName RETRY_AFTER = HeaderName::known("Retry-After");
inline constexpr HeaderName SEC_WEBSOCKET_ACCEPT = HeaderName::known("Sec-WebSocket-Accept");
inline constexpr HeaderName SEC_WEBSOCKET_EXTENSIONS = HeaderName::known("Sec-WebSocket-Extensions");
inline constexpr HeaderName SEC_WEBSOCKET_KEY = HeaderName::known("Sec-WebSocket-Key");
inline constexpr HeaderName SEC_WEBSOCKET_KEY1 = HeaderName::known("Sec-WebSocket-Key1");
inline constexpr HeaderName SEC_WEBSOCKET_PROTOCOL = HeaderName::known("Sec-WebSocket-Protocol");
inline constexpr HeaderName SEC_WEBSOCKET_VERSION = HeaderName::known("Sec-WebSocket-Version");
inline constexpr HeaderName SERVER = HeaderName::known("Server");
inline constexpr HeaderName SET_COOKIE = HeaderName::known("Set-Cookie");
inline constexpr HeaderName STRICT_TRANSPORT_SECURITY = HeaderName::known("Strict-Transport-Security");
inline constexpr HeaderName TE = HeaderName::known("TE");
inline constexpr HeaderName TRAILER = HeaderName::known("Trailer");
inline constexpr HeaderName TRANSFER_ENCODING = HeaderName::known("Transfer-Encoding");
inline constexpr HeaderName UPGRADE = HeaderName::known("Upgrade");
inline constexpr HeaderName URI = HeaderName::known("URI");
inline constexpr HeaderName USER_AGENT = HeaderName::known("User-Agent");
inline constexpr HeaderName VARY = HeaderName::known("Vary");
inline constexpr HeaderName VIA = HeaderName::known("Via");
inline constexpr HeaderName WANT_DIGEST = HeaderName::known("Want-Digest");
inline constexpr HeaderName WARNING = HeaderName::known("Warning");
inline constexpr HeaderName WWW_AUTHENTICATE = HeaderName::known("WWW-Authenticate");
inline constexpr HeaderName X_CONTENT_TYPE_OPTIONS = HeaderName::known("X-Content-Type-Options");
inline constexpr HeaderName X_FORWARDED_FOR = HeaderName::known("X-Forwarded-For");
inline constexpr HeaderName X_FORWARDED_HOST = HeaderName::known("X-Forwarded-Host");
inline constexpr HeaderName X_FORWARDED_PROTO = HeaderName::known("X-Forwarded-Proto");

}  // namespace aio::http::hdrs
