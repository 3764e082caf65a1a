// SPDX-License-Identifier: MIT
#include <aio/base/error.hpp>
#include <aio/web/router/pattern/path_pattern_impl.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace aio::tests {
namespace {

using Values = std::optional<std::vector<std::string>>;
using web::detail::PathPattern;
using web::detail::PathSpan;

Values match(const PathPattern& pattern, std::string_view path) {
    std::vector<PathSpan> spans(pattern.names().size());
    if (!pattern.match(path, spans.data())) return std::nullopt;
    std::vector<std::string> values;
    for (const PathSpan& span : spans) values.emplace_back(path.substr(span.begin, span.end - span.begin));
    return values;
}

Values match(std::string_view pattern, std::string_view path) { return match(PathPattern(pattern), path); }

std::vector<std::string> values(std::initializer_list<const char*> list) {
    return {list.begin(), list.end()};
}

std::string error_of(std::string_view path) {
    try {
        const PathPattern pattern(path);
    } catch (const ValueError& error) {
        return error.what();
    }
    return "";
}

TEST(PathPattern, AVariableIsOneSegmentOrAPartOfIt) {
    EXPECT_EQ(match("/handler/{to}", "/handler/tail"), values({"tail"}));
    EXPECT_EQ(match("/handler/{to}", "/handler/1:2:3"), values({"1:2:3"}));
    EXPECT_EQ(match("/handler/{to}", "/handler/"), std::nullopt);
    EXPECT_EQ(match("/handler/{to}", "/handler/a/b"), std::nullopt);
    EXPECT_EQ(match("/handler/{to}", "/handler/a{b"), std::nullopt);
    EXPECT_EQ(match("/get/{name}/", "/get/John/"), values({"John"}));
    EXPECT_EQ(match("/get/{name}/", "/get/John"), std::nullopt);
    EXPECT_EQ(match("/{name}.html", "/file.html"), values({"file"}));
    EXPECT_EQ(match("/{name}.html", "/a.html.html"), values({"a.html"}));
    EXPECT_EQ(match("/{name}.html", "/.html"), std::nullopt);
    EXPECT_EQ(match("/{name}.{ext}", "/file.html"), values({"file", "html"}));
    EXPECT_EQ(match("/{name}.{ext}", "/file.tar.gz"), values({"file.tar", "gz"}));
    EXPECT_EQ(match("/{a}{b}", "/xyz"), values({"xy", "z"}));
    EXPECT_EQ(match("/{_a1}-{b}", "/1-2-3"), values({"1-2", "3"}));
}

TEST(PathPattern, PatternsAreThoseOfPython) {
    EXPECT_EQ(match(R"(/handler/{to:\d+})", "/handler/1234"), values({"1234"}));
    EXPECT_EQ(match(R"(/handler/{to:\d+})", "/handler/tail"), std::nullopt);
    EXPECT_EQ(match(R"(/handler/{fn:\w+ \d+})", "/handler/abc 123"), values({"abc 123"}));
    EXPECT_EQ(match(R"(/handler/{fn:\w+\s\d+})", "/handler/abc 123"), values({"abc 123"}));
    EXPECT_EQ(match("/handler/{to:[^/]+/?}", "/handler/1234/"), values({"1234/"}));
    EXPECT_EQ(match("/handler/{to:.+}", "/handler/1234/5/6/7"), values({"1234/5/6/7"}));
    EXPECT_EQ(match("/handler/{to:.+}/tail", "/handler/re/with/slashes/tail"), values({"re/with/slashes"}));
    EXPECT_EQ(match("/handler/{to:.*}", "/handler/"), values({""}));
    EXPECT_EQ(match("/handler/{to:.*}", "/handler/a\nb"), std::nullopt);
    EXPECT_EQ(match("/{lang:en|de|fr}/x", "/de/x"), values({"de"}));
    EXPECT_EQ(match("/{lang:en|de|fr}/x", "/it/x"), std::nullopt);
    EXPECT_EQ(match("/{a:x|xy}{b:.*}", "/xyz"), values({"x", "yz"}));
    EXPECT_EQ(match("/{a:.*?}{b:.*}", "/xyz"), values({"", "xyz"}));
    EXPECT_EQ(match("/{a:.??}{b:.*}", "/xyz"), values({"", "xyz"}));
    EXPECT_EQ(match("/{a:(?:ab|a)+}{b:b?}", "/aab"), values({"aab", ""}));
    EXPECT_EQ(match("/{a:(?:a|ab)+}{b:b?}", "/aab"), values({"aa", "b"}));
    EXPECT_EQ(match("/{a:(a*)*}", "/aaa"), values({"aaa"}));
    EXPECT_EQ(match("/{id:[0-9a-f]{8}-[0-9a-f]{4}}", "/0123abcd-ffff"), values({"0123abcd-ffff"}));
    EXPECT_EQ(match("/{id:[0-9a-f]{8}-[0-9a-f]{4}}", "/0123abc-ffff"), std::nullopt);
    EXPECT_EQ(match("/{id:a{2,}}", "/a"), std::nullopt);
    EXPECT_EQ(match("/{id:a{2,}}", "/aaa"), values({"aaa"}));
    EXPECT_EQ(match("/{id:a{,2}}", "/aaa"), std::nullopt);
    EXPECT_EQ(match("/{id:a{,2}}b", "/aab"), values({"aa"}));
    EXPECT_EQ(match("/{id:[]a-]+}", "/]-a"), values({"]-a"}));
    EXPECT_EQ(match(R"(/{id:[\w.-]+})", "/a.b-c_1"), values({"a.b-c_1"}));
    EXPECT_EQ(match(R"(/{id:[^\W\d]+})", "/ab"), values({"ab"}));
    EXPECT_EQ(match(R"(/{id:[^\W\d]+})", "/a1"), std::nullopt);
    EXPECT_EQ(match(R"(/{id:\x41\u0042\.})", "/AB."), values({"AB."}));
    EXPECT_EQ(match(R"(/{id:\bab\b.*})", "/ab-c"), values({"ab-c"}));
    EXPECT_EQ(match(R"(/{id:\bab\b.*})", "/abc"), std::nullopt);
    EXPECT_EQ(match(R"(/{id:a\Bb})", "/ab"), values({"ab"}));
    EXPECT_EQ(match(R"(/get/{num:^\d+})", "/get/123"), std::nullopt);
    EXPECT_EQ(match(R"(/get/{num:\d+$})", "/get/123"), values({"123"}));
    EXPECT_EQ(match(R"(/get/{num:\d+\Z})", "/get/123"), values({"123"}));
}

TEST(PathPattern, CharactersBeyondAsciiAreCharacters) {
    EXPECT_EQ(match("/{name}", "/рус текст"), values({"рус текст"}));
    EXPECT_EQ(match(R"(/{name:\w+})", "/Zoë"), values({"Zoë"}));
    EXPECT_EQ(match(R"(/{name:\w+})", "/Zo→"), std::nullopt);
    EXPECT_EQ(match(R"(/{name:\w+}x)", "/éx"), values({"é"}));
    EXPECT_EQ(match("/{name:.}", "/é"), values({"é"}));
    EXPECT_EQ(match("/{name:.}", "/éé"), std::nullopt);
    EXPECT_EQ(match("/{name:[а-я]{2}}", "/пр"), values({"пр"}));
    EXPECT_EQ(match("/{name:[^é]+}", "/e"), values({"e"}));
    EXPECT_EQ(match("/{name:[^é]+}", "/é"), std::nullopt);
    EXPECT_EQ(match("/{name}é", "/aé"), values({"a"}));
    EXPECT_EQ(match(R"(/{name:\W+})", "/→→"), values({"→→"}));
    EXPECT_EQ(match(R"(/{name:é+})", "/éé"), values({"éé"}));
    // Digits of other scripts are none that a program could read as a number.
    EXPECT_EQ(match(R"(/{name:\d+})", "/١٢"), std::nullopt);
    EXPECT_EQ(match(R"(/{name:\D+})", "/١٢"), values({"١٢"}));
}

TEST(PathPattern, BytesThatAreNoCharacterAreOfInvertedSetsAlone) {
    EXPECT_EQ(match("/{name}", "/a\xFFz"), values({"a\xFFz"}));
    EXPECT_EQ(match("/{name:[^a]+}{rest:z}", "/\xFF\xFEz"), values({"\xFF\xFE", "z"}));
    EXPECT_EQ(match(R"(/{name:\w+})", "/a\xFF"), std::nullopt);
    EXPECT_EQ(match("/{name:[a-\xC3\xBF]+}", "/a\xFF"), std::nullopt);
}

TEST(PathPattern, WhatIsMalformedIsNamed) {
    EXPECT_EQ(error_of("/{/"), "Invalid path '/{/'['/{/']");
    EXPECT_EQ(error_of("/post/{id"), "Invalid path '/post/{id'['/post/{id']");
    EXPECT_EQ(error_of("/post/{id{}}"), "Invalid path '/post/{id{}}'['{id{}}']");
    EXPECT_EQ(error_of("/post/{id{}"), "Invalid path '/post/{id{}'['/post/{id{}']");
    EXPECT_EQ(error_of("/post/{id\"}"), "Invalid path '/post/{id\"}'['{id\"}']");
    EXPECT_EQ(error_of("/post/{id:}"), "Invalid path '/post/{id:}'['{id:}']");
    EXPECT_EQ(error_of("/post/{1}"), "Invalid path '/post/{1}'['/post/{1}']");
    EXPECT_EQ(error_of("/handler/{to:+++}"),
              "Bad pattern '+++' of 'to' in '/handler/{to:+++}': nothing to repeat at position 0");
    const auto says = [](const char* path, const std::string& what) {
        EXPECT_NE(error_of(path).find("': " + what), std::string::npos) << path << ": " << error_of(path);
    };
    says("/{a}/{a}", "redefinition of group name 'a'");
    says("/{a:(b}", "missing ), unterminated subpattern at position 0");
    says("/{a:b)}", "unbalanced parenthesis at position 1");
    says("/{a:[b}", "unterminated character set at position 0");
    says("/{a:[z-a]}", "bad character range z-a at position 1");
    says(R"(/{a:[\d-a]})", R"(bad character range \d-a at position 1)");
    says(R"(/{a:\q})", R"(bad escape \q at position 0)");
    says("/{a:\\}", "bad escape (end of pattern) at position 0");
    says("/{a:b**}", "multiple repeat at position 2");
    says("/{a:^*}", "nothing to repeat at position 0");
    says("/{a:b{3,2}}", "min repeat greater than max repeat at position 1");
    says("/{a:b{9999}}", "more than 1000 repeats");
    says("/{a:(?=b)}", "look-around");
    says("/{a:(?P<b>c)}", "look-around");
    says(R"(/{a:(b)\1})", "references to groups");
    says("/{a:(?:(?:b{99}){99}){99}}", "it is too large");
    EXPECT_NE(error_of("/{a:" + std::string(1000, '(') + "b" + std::string(1000, ')') + "}"), "");
}

TEST(PathPattern, NeverGoesBackWithoutEnd) {
    const std::string many(8000, 'a');
    EXPECT_EQ(match("/{a:(a+)+}b", "/" + many), std::nullopt);
    EXPECT_EQ(match("/{a:(a|aa)+}b", "/" + many), std::nullopt);
    EXPECT_EQ(match("/{a:(a*)*}b", "/" + many), std::nullopt);
    EXPECT_EQ(match("/{a:(.*a){20}}b", "/" + many), std::nullopt);
    EXPECT_EQ(match("/{a}{b}{c}{d}!", "/" + many), std::nullopt);
}

// What std::regex, which goes back as Python does, makes of the same.
TEST(PathPattern, AgreesWithAMatcherThatGoesBack) {
    std::mt19937 random(7);
    const std::vector<std::string> atoms = {"a",       "b",          "ab",    "[ab]",   "[^a]",    ".",
                                            "(?:a|b)", "(?:a|ab|b)", R"(\d)", "(?:ab)", "(?:a*b)", "/"};
    const std::vector<std::string> repeats = {"",   "",   "",   "*",   "+",     "?",
                                              "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?"};
    const std::vector<std::string> texts = {"", "", "/", "a", "b"};
    const std::string letters = "aaaabbb1/";
    const auto one_of = [&random](const auto& list) { return list[random() % list.size()]; };
    int fitted = 0;
    for (int i = 0; i < 1500; ++i) {
        std::string path = "/";
        std::string regex = "/";
        for (int v = 0; v < 2; ++v) {
            std::string pattern;
            for (std::size_t n = random() % 2 + 1; n-- > 0;) pattern += one_of(atoms) + one_of(repeats);
            const std::string text = one_of(texts);
            path += "{v" + std::to_string(v) + ":" + pattern + "}" + text;
            regex += "(" + pattern + ")" + text;
        }
        const PathPattern pattern(path);
        const std::regex slow(regex);
        for (int j = 0; j < 30; ++j) {
            std::string text = "/";
            for (std::size_t n = random() % 6; n-- > 0;) text += one_of(letters);
            std::smatch found;
            Values expected;
            if (std::regex_match(text, found, slow)) expected = {found[1].str(), found[2].str()};
            ASSERT_EQ(match(pattern, text), expected) << path << " on " << text;
            fitted += expected ? 1 : 0;
        }
    }
    EXPECT_GT(fitted, 1000);
}

TEST(PathPattern, TellsItsPartsAndGetsAPrefix) {
    PathPattern pattern(R"(/a b/{one}-{two:\d+}/x)");
    EXPECT_EQ(pattern.canonical(), "/a%20b/{one}-{two}/x");
    EXPECT_EQ(pattern.literal_prefix(), "/a b/");
    pattern.add_prefix("/pré");
    EXPECT_EQ(pattern.canonical(), "/pr%C3%A9/a%20b/{one}-{two}/x");
    EXPECT_EQ(match(pattern, "/pré/a b/q-12/x"), values({"q", "12"}));
    EXPECT_EQ(match(pattern, "/a b/q-12/x"), std::nullopt);
}

}  // namespace
}  // namespace aio::tests
