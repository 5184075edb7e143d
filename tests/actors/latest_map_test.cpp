#define CAF_SUITE latest_map

#include "actors/latest_map.hpp"

#include <caf/test/dsl.hpp>

using switchboard::actors::latest_map;

CAF_TEST(finds what was added whatever was found last) {
  latest_map<int> map;
  CAF_CHECK(map.find("a") == nullptr);
  map.add("a", 1);
  map.add("b", 2);
  for (int i = 0; i < 3; ++i) {
    CAF_REQUIRE(map.find("a") != nullptr);
    CAF_CHECK_EQUAL(*map.find("a"), 1);
    CAF_CHECK_EQUAL(*map.find("b"), 2);
    CAF_CHECK_EQUAL(*map.find("b"), 2);
  }
  CAF_CHECK(map.find("") == nullptr);
  CAF_CHECK(map.find("ab") == nullptr);
}

CAF_TEST(what is there already stays as it is) {
  latest_map<int> map;
  map.add("a", 1);
  CAF_CHECK_EQUAL(map.add("a", 2), 1);
  CAF_CHECK_EQUAL(*map.find("a"), 1);
  *map.find("a") = 3;
  map.add("b", 2);
  CAF_CHECK_EQUAL(*map.find("a"), 3);
}

CAF_TEST(what was erased is found no more although it was found last) {
  latest_map<int> map;
  map.add("a", 1);
  map.add("b", 2);
  CAF_CHECK_EQUAL(*map.find("a"), 1);
  CAF_CHECK(map.erase("a"));
  CAF_CHECK(!map.erase("a"));
  CAF_CHECK(map.find("a") == nullptr);
  CAF_CHECK_EQUAL(*map.find("b"), 2);
  map.clear();
  CAF_CHECK(map.find("b") == nullptr);
  CAF_CHECK(map.begin() == map.end());
  map.add("b", 4);
  CAF_CHECK_EQUAL(*map.find("b"), 4);
}
