#define CAF_SUITE turn_json
#define FAIL CAF_FAIL
#include "actors/turn_json.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;

CAF_TEST(a whole turn has all its fields) {
  turn_update turn;
  turn.key = "7";
  turn.who = storage::speaker::assistant;
  turn.text = "Gr\xc3\xbc\xc3\x9f Gott";
  turn.confidence = 0.5;
  turn.generated = "Gr\xc3\xbc\xc3\x9f Gott und";
  turn.version = 3;
  turn.start_ms = 1500;
  turn.end_ms = 2750;
  CAF_CHECK_EQUAL(turn_json(turn),
                  "{\"key\":\"7\",\"speaker\":\"assistant\",\"text\":\"Gr\xc3\xbc"
                  "\xc3\x9f Gott\",\"generated\":\"Gr\xc3\xbc\xc3\x9f Gott und\",\"version\":3,"
                  "\"confidence\":0.500000,\"startMs\":1500,"
                  "\"endMs\":2750}");
}

CAF_TEST(what is not known is null) {
  turn_update turn;
  turn.key = "1";
  CAF_CHECK_EQUAL(turn_json(turn),
                  "{\"key\":\"1\",\"speaker\":\"user\",\"text\":\"\","
                  "\"version\":0,\"confidence\":null,\"startMs\":0,\"endMs\":null}");
}

CAF_TEST(quotes and backslashes and control characters are escaped) {
  turn_update turn;
  turn.text = std::string{"a\"b\\c\nd\te\x01"} + '\0' + "\x1f";
  CAF_CHECK_NOT_EQUAL(turn_json(turn).find("\"a\\\"b\\\\c\\u000ad\\u0009e\\u0001\\u0000\\u001f\""),
                      std::string::npos);
}
