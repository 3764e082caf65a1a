// SPDX-License-Identifier: MIT
#include <aio/http/fields/charset_impl.hpp>
#include <aio/http/syntax_impl.hpp>

#include <algorithm>
#include <initializer_list>
#include <iterator>

namespace aio::http::detail {
namespace {

struct Name {
    std::string_view name;
    const char* iconv;  ///< null: done here
    CharsetKind kind = CharsetKind::iconv;
};

// By name: in small letters, with "-" for "_" and blanks. ISO 8859, windows-125x and cp125x are not listed.
constexpr Name kNames[] = {
    {"ascii", nullptr, CharsetKind::ascii},
    {"big5", "BIG5-HKSCS"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"cp437", "CP437"},
    {"cp850", "CP850"},
    {"cp866", "CP866"},
    {"cp874", "CP874"},
    {"cp932", "CP932"},
    {"cp936", "GBK"},
    {"cp949", "CP949"},
    {"euc-jp", "EUC-JP"},
    {"euc-kr", "CP949"},
    {"gb18030", "GB18030"},
    {"gb2312", "GBK"},
    {"gbk", "GBK"},
    {"ibm866", "CP866"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"koi8-r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"latin-1", nullptr, CharsetKind::latin_1},
    {"latin1", nullptr, CharsetKind::latin_1},
    {"mac-cyrillic", "MAC-CYRILLIC"},
    {"mac-roman", "MACINTOSH"},
    {"macintosh", "MACINTOSH"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"tis-620", "TIS-620"},
    {"us-ascii", nullptr, CharsetKind::ascii},
    {"utf-16", "UTF-16"},
    {"utf-16-be", "UTF-16BE"},
    {"utf-16-le", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
    {"utf-16le", "UTF-16LE"},
    {"utf-32", "UTF-32"},
    {"utf-32be", "UTF-32BE"},
    {"utf-32le", "UTF-32LE"},
    {"utf-8", nullptr, CharsetKind::utf_8},
    {"utf-8-sig", nullptr, CharsetKind::utf_8_sig},
    {"utf8", nullptr, CharsetKind::utf_8},
    {"windows-874", "CP874"},
    {"windows-949", "CP949"},
    {"x-mac-cyrillic", "MAC-CYRILLIC"},
    {"x-sjis", "CP932"},
};

std::string normal(std::string_view name) {
    std::string text = syntax::lower(syntax::trim(name));
    for (char& c : text) {
        if (c == '_' || c == ' ') c = '-';
    }
    return text;
}

// A number behind one of some prefixes, between two others; 0 if there is none.
int number_behind(std::string_view name, std::initializer_list<std::string_view> prefixes, int first,
                  int last) {
    for (const std::string_view prefix : prefixes) {
        if (!name.starts_with(prefix)) continue;
        const std::string_view digits = name.substr(prefix.size());
        const auto number = digits.size() > 4 ? std::nullopt : syntax::parse_digits(digits);
        if (number && *number >= static_cast<unsigned>(first) && *number <= static_cast<unsigned>(last))
            return static_cast<int>(*number);
    }
    return 0;
}

}  // namespace

std::optional<Charset> find_charset(std::string_view name) {
    if (name.size() > 40) return std::nullopt;
    const std::string text = normal(name);
    if (const int part = number_behind(text, {"iso-8859-", "iso8859-"}, 1, 16)) {
        if (part == 1) return Charset{CharsetKind::latin_1, {}};
        if (part == 12) return std::nullopt;  // was never made
        return Charset{CharsetKind::iconv, "ISO-8859-" + std::to_string(part)};
    }
    if (const int page = number_behind(text, {"windows-", "cp"}, 1250, 1258)) {
        return Charset{CharsetKind::iconv, "CP" + std::to_string(page)};
    }
    const auto* const found =
        std::lower_bound(std::begin(kNames), std::end(kNames), text,
                         [](const Name& entry, const std::string& wanted) { return entry.name < wanted; });
    if (found == std::end(kNames) || found->name != text) return std::nullopt;
    return Charset{found->kind, found->iconv ? found->iconv : ""};
}

}  // namespace aio::http::detail
