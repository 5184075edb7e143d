#define CAF_SUITE form
#define FAIL CAF_FAIL
#include "http/form.hpp"
#include "http/json_text.hpp"
#include "http/utf8.hpp"

#include <limits>
#include <string>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using http::parse_form;

namespace {

using fields = std::vector<std::pair<std::string, std::string>>;

std::string json_of(std::string_view text) {
  std::string out;
  http::append_json_string(out, text);
  return out;
}

} // namespace

CAF_TEST(names and values are decoded) {
  CAF_CHECK_EQUAL(parse_form("From=%2B1555&City=SAN+JOS%C3%89&x%20y=1").fields,
                  (fields{{"From", "+1555"}, {"City", "SAN JOS\xC3\x89"}, {"x y", "1"}}));
}

CAF_TEST(odd parts are read as the URL standard says) {
  CAF_CHECK_EQUAL(parse_form("").fields, (fields{}));
  CAF_CHECK_EQUAL(parse_form("&&").fields, (fields{}));
  CAF_CHECK_EQUAL(parse_form("a&b=&=c&d=e=f&").fields,
                  (fields{{"a", ""}, {"b", ""}, {"", "c"}, {"d", "e=f"}}));
}

CAF_TEST(a percent sign without two digits stands for itself) {
  CAF_CHECK_EQUAL(http::decode_percent("%", true), "%");
  CAF_CHECK_EQUAL(http::decode_percent("%4", true), "%4");
  CAF_CHECK_EQUAL(http::decode_percent("%zz%4G%41", true), "%zz%4GA");
  CAF_CHECK_EQUAL(http::decode_percent("%00", true), std::string(1, '\0'));
  CAF_CHECK_EQUAL(http::decode_percent("a+b%2b", true), "a b+");
  CAF_CHECK_EQUAL(http::decode_percent("a+b%2B", false), "a+b+");
}

CAF_TEST(encoding and decoding are inverse for every byte) {
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  CAF_CHECK_EQUAL(http::decode_percent(http::encode_percent(all), true), all);
  CAF_CHECK_EQUAL(http::encode_percent("aZ9-._~ /+\xC3\xA9"), "aZ9-._~%20%2F%2B%C3%A9");
}

CAF_TEST(the first of a name is found) {
  auto form = parse_form("a=1&a=2&b=");
  CAF_CHECK_EQUAL(form.get("a"), "1");
  CAF_CHECK_EQUAL(form.get("A"), "");
  CAF_CHECK(form.find("b") != nullptr);
  CAF_CHECK(form.find("c") == nullptr);
}

CAF_TEST(the number of fields is bounded) {
  std::string text;
  for (size_t i = 0; i < http::form_fields_max; ++i)
    text += "a&";
  CAF_CHECK(parse_form(text).complete);
  auto over = parse_form(text + "a");
  CAF_CHECK(!over.complete);
  CAF_CHECK_EQUAL(over.fields.size(), http::form_fields_max);
}

CAF_TEST(a form is known by its type) {
  CAF_CHECK(http::is_form_type("application/x-www-form-urlencoded"));
  CAF_CHECK(http::is_form_type("Application/X-WWW-Form-Urlencoded ; charset=UTF-8"));
  CAF_CHECK(!http::is_form_type("application/x-www-form-urlencoded2"));
  CAF_CHECK(!http::is_form_type("application/json"));
  CAF_CHECK(!http::is_form_type(""));
}

CAF_TEST(UTF8 sequences are those of the standard) {
  for (const char* good :
       {"a", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    CAF_CHECK_EQUAL(http::utf8_sequence_bytes(good), std::string(good).size());
  for (const char* bad :
       {"", "\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xE1\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"})
    CAF_CHECK_EQUAL(http::utf8_sequence_bytes(bad), 0u);
}

CAF_TEST(a prefix ends between characters) {
  CAF_CHECK_EQUAL(http::utf8_prefix("abc", 3), "abc");
  CAF_CHECK_EQUAL(http::utf8_prefix("abc", 2), "ab");
  CAF_CHECK_EQUAL(http::utf8_prefix("a\xC3\xA9", 2), "a");
  CAF_CHECK_EQUAL(http::utf8_prefix("\xF0\x9F\x98\x80x", 3), "");
  CAF_CHECK_EQUAL(http::utf8_prefix("\xF0\x9F\x98\x80x", 4), "\xF0\x9F\x98\x80");
  CAF_CHECK_EQUAL(http::utf8_prefix(std::string(10, '\x80'), 5).size(), 2u);
}

CAF_TEST(JSON strings are escaped and repaired) {
  CAF_CHECK_EQUAL(json_of(""), R"("")");
  CAF_CHECK_EQUAL(json_of("a\"b\\c/"), R"("a\"b\\c/")");
  CAF_CHECK_EQUAL(json_of(std::string("\0\x1F\n\r\t\x7F", 6)),
                  "\"\\u0000\\u001f\\n\\r\\t\\u007f\"");
  CAF_CHECK_EQUAL(json_of("\xC3\xA9\xFFz\xC3"), "\"\xC3\xA9\xEF\xBF\xBDz\xEF\xBF\xBD\"");
}

CAF_TEST(JSON numbers do not depend on the locale) {
  std::string out;
  http::append_json_number(out, 0.5);
  out += ' ';
  http::append_json_number(out, std::numeric_limits<double>::infinity());
  out += ' ';
  http::append_json_number(out, uint64_t{18446744073709551615u});
  out += ' ';
  http::append_json_number(out, std::numeric_limits<int64_t>::min());
  CAF_CHECK_EQUAL(out, "0.5 0 18446744073709551615 -9223372036854775808");
}

CAF_TEST(the JSON writer sets commas where they belong) {
  std::string out;
  http::json_writer w(out);
  w.open().text("a", "1").open("b").close().open_array("c").element("x").open().flag("d", true);
  w.close().close_array().null("e").number("f", int64_t{-1}).raw("g", "[]").close();
  CAF_CHECK_EQUAL(out, R"({"a":"1","b":{},"c":["x",{"d":true}],"e":null,"f":-1,"g":[]})");
}
