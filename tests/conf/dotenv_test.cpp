#define CAF_SUITE dotenv
#define FAIL CAF_FAIL

#include "conf/config.hpp"
#include "tests/conf/config_fixture.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::conf;
using namespace switchboard::conf::test;

namespace {

values parse(const std::string& text) {
  std::vector<problem> problems;
  auto result = parse_dotenv(text, problems);
  CAF_CHECK_EQUAL(joined(problems), "");
  return result;
}

std::vector<problem> problems_of(const std::string& text) {
  std::vector<problem> problems;
  parse_dotenv(text, problems);
  return problems;
}

} // namespace

CAF_TEST(lines are names and values) {
  CAF_CHECK_EQUAL(parse("A=1\nB = two words \n\n# comment\n  C=3"),
                  (values{{"A", "1"}, {"B", "two words"}, {"C", "3"}}));
}

CAF_TEST(carriage returns and a byte order mark and the word export are passed over) {
  CAF_CHECK_EQUAL(parse("\xEF\xBB\xBF"
                        "A=1\r\nexport B=2\r\n"),
                  (values{{"A", "1"}, {"B", "2"}}));
}

CAF_TEST(a comment needs a space before it) {
  CAF_CHECK_EQUAL(parse("A=1 # one\nB=a#b\nC=# nothing"),
                  (values{{"A", "1"}, {"B", "a#b"}, {"C", ""}}));
}

CAF_TEST(quotes keep spaces and comment signs) {
  CAF_CHECK_EQUAL(parse("A=\" x # y \" # comment\nB='\\n $HOME'\nC=\"a\\nb\\\"c\\\\\""),
                  (values{{"A", " x # y "}, {"B", "\\n $HOME"}, {"C", "a\nb\"c\\"}}));
}

CAF_TEST(a value may hold equal signs and be empty and come again) {
  CAF_CHECK_EQUAL(parse("A=b=c==\nB=\nB=2\nD=\"\""),
                  (values{{"A", "b=c=="}, {"B", "2"}, {"D", ""}}));
}

CAF_TEST(lines that cannot be read are named by number and never shown) {
  auto problems =
      problems_of("A=1\nsecret\n=secret\n1A=secret\nB=\"secret\nC='secret' secret\nD=1");
  CAF_REQUIRE_EQUAL(problems.size(), 5u);
  CAF_CHECK_EQUAL(problems[0].name, ".env line 2");
  CAF_CHECK_EQUAL(problems[4].name, ".env line 6");
  CAF_CHECK_EQUAL(joined(problems).find("secret"), std::string::npos);
}

CAF_TEST(any bytes at all are survived) {
  std::string text;
  for (int i = 0; i < 4096; ++i)
    text += static_cast<char>((i * 197 + i / 7) & 0xFF);
  std::vector<problem> problems;
  parse_dotenv(text, problems);
  parse_dotenv("\"", problems);
  parse_dotenv("A=\"\\", problems);
  CAF_CHECK(!problems.empty());
}

CAF_TEST(a missing default file is no problem and a missing named one is) {
  temporary_folder folder;
  std::vector<problem> problems;
  CAF_CHECK(read_dotenv(folder.path() + "/.env", false, problems).empty());
  CAF_CHECK(problems.empty());
  CAF_CHECK(read_dotenv(folder.path() + "/.env", true, problems).empty());
  CAF_CHECK_EQUAL(problems.size(), 1u);
  CAF_CHECK(read_dotenv(folder.path(), false, problems).empty()); // a folder is not a file
  CAF_CHECK_EQUAL(problems.size(), 2u);
  CAF_CHECK_EQUAL(read_dotenv(folder.write("env", "A=1\n"), true, problems), (values{{"A", "1"}}));
}
