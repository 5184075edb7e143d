#define CAF_SUITE json_lines
#define FAIL CAF_FAIL
#include "actors/json_lines.hpp"

#include <caf/test/dsl.hpp>

using switchboard::actors::json_object;

CAF_TEST(an object holds its members in order) {
  CAF_CHECK_EQUAL(json_object{}.done(), "{}");
  json_object object;
  object.text("a\"b", "c\n").number("n", 7).real("r", 0.5).flag("f", false).raw("o", "{}");
  CAF_CHECK_EQUAL(object.done(), "{\"a\\\"b\":\"c\\u000a\",\"n\":7,\"r\":0.500000,"
                                 "\"f\":false,\"o\":{}}");
}
