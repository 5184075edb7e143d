#define CAF_SUITE example
#define FAIL CAF_FAIL

#include "conf/config.hpp"
#include "tests/conf/config_fixture.hpp"

#include <sstream>

#include <caf/test/dsl.hpp>

using namespace switchboard::conf;
using namespace switchboard::conf::test;

namespace {

/// The file with every commented assignment (`#NAME=value`) brought to life.
std::string uncommented(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  std::string result;
  while (std::getline(lines, line)) {
    bool assignment = line.size() > 1 && line[0] == '#' && std::isupper(line[1]);
    result += (assignment ? line.substr(1) : line) + "\n";
  }
  return result;
}

struct fixture {
  fixture() {
    std::ifstream file("conf/switchboard.env.example");
    text.assign(std::istreambuf_iterator<char>(file), {});
  }

  values parse(const std::string& what) {
    std::vector<problem> problems;
    auto result = parse_dotenv(what, problems);
    CAF_CHECK_EQUAL(joined(problems), "");
    return result;
  }

  std::string text;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(example_tests, fixture)

CAF_TEST(the example names every variable and no other) {
  auto all = parse(uncommented(text));
  for (auto& v : variables())
    CAF_CHECK_EQUAL(all.count(v.name), 1u);
  CAF_CHECK_EQUAL(all.size(), variables().size());
}

CAF_TEST(only the required variables are not commented out) {
  for (auto& entry : parse(text)) {
    auto& table = variables();
    auto found =
        std::find_if(table.begin(), table.end(), [&](auto& v) { return v.name == entry.first; });
    CAF_REQUIRE(found != table.end());
    CAF_CHECK(found->required);
    CAF_CHECK_EQUAL(entry.second, "");
  }
}

CAF_TEST(the example loads once the required variables are set) {
  auto result = load({{}, minimum(), parse(text)});
  CAF_CHECK_EQUAL(joined(result.problems), "");
  CAF_CHECK_EQUAL(joined(result.warnings), "");
}

CAF_TEST(the values shown in comments are valid) {
  auto all = parse(uncommented(text));
  for (auto& required : minimum())
    all[required.first] = required.second;
  auto result = load({{}, {}, all});
  CAF_CHECK_EQUAL(joined(result.problems), "");
}

CAF_TEST(the defaults shown in comments are the defaults) {
  auto all = parse(uncommented(text));
  for (auto& v : variables())
    if (*v.default_value != '\0')
      CAF_CHECK_EQUAL(all[v.name], v.default_value);
}

CAF_TEST_FIXTURE_SCOPE_END()
