// SPDX-License-Identifier: MIT
#include <aio/ssl/error.hpp>
#include <aio/ssl/openssl_impl.hpp>

#include <cctype>
#include <utility>

namespace aio::ssl {

SSLError::SSLError(const std::string& text, std::string library, std::string reason)
    : OSError(text), names_(std::make_shared<const Names>(Names{std::move(library), std::move(reason)})) {}

SSLEOFError::SSLEOFError() : SSLError("EOF occurred in violation of protocol") {}

SSLCertVerificationError::SSLCertVerificationError(int code, const std::string& message)
    : SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: " + message, "SSL",
               "CERTIFICATE_VERIFY_FAILED"),
      code_(code),
      message_(std::make_shared<const std::string>(message)) {}

namespace detail {
namespace {

// Python's spelling of OpenSSL's names.
std::string as_name(const char* text) {
    std::string name;
    for (; text && *text; ++text) {
        const auto c = static_cast<unsigned char>(*text);
        name += std::isalnum(c) ? static_cast<char>(std::toupper(c)) : '_';
    }
    return name;
}

std::string library_of(unsigned long code) {
    const char* const name = ERR_lib_error_string(code);
    const std::string text = name ? name : "";
    if (text.starts_with("SSL")) return "SSL";
    if (text.starts_with("x509")) return "X509";
    return as_name(text.substr(0, text.find(" routines")).c_str());
}

}  // namespace

std::exception_ptr queued_error(const char* what) {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return std::make_exception_ptr(SSLError(what));
    if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) return std::make_exception_ptr(std::bad_alloc());
    const char* const text = ERR_reason_error_string(code);
    std::string library = library_of(code);
    std::string reason = as_name(text);
    const std::string head = "[" + library + ": " + reason + "] ";
    return std::make_exception_ptr(
        SSLError(head + (text ? text : what), std::move(library), std::move(reason)));
}

void raise_queued_error(const char* what) { std::rethrow_exception(queued_error(what)); }

}  // namespace detail
}  // namespace aio::ssl
