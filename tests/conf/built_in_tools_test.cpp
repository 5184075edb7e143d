#define CAF_SUITE built_in_tools
#define FAIL CAF_FAIL
#include "conf/built_in_tools.hpp"

#include <caf/test/dsl.hpp>

using namespace switchboard::conf;

namespace {

std::string names(const agent_profile& profile) {
  std::string out;
  for (auto& each : tools_of(profile))
    out += each.name + " ";
  return out;
}

} // namespace

CAF_TEST(the model is offered what its profile allows and nothing else) {
  agent_profile profile;
  CAF_CHECK_EQUAL(names(profile), "");
  profile.end_call = profile.send_dtmf = profile.pause_recording = true;
  profile.transfers = {{"sales", "+15550100004"}, {"desk", "+15550100005"}};
  http_tool find;
  find.name = "find";
  profile.tools = {find};
  CAF_CHECK_EQUAL(names(profile), "end_call send_dtmf pause_recording resume_recording "
                                  "transfer_call find ");
  const auto schema = tools_of(profile)[4].parameters_json;
  CAF_CHECK(schema.find(R"("enum":["sales","desk"])") != std::string::npos);
  CAF_CHECK(schema.find("+1555") == std::string::npos); // numbers are ours to know
}

CAF_TEST(whatever is offered by a profile without HTTP tools is known as ours) {
  agent_profile profile;
  profile.end_call = profile.send_dtmf = profile.pause_recording = true;
  profile.transfers = {{"sales", "+15550100004"}};
  for (auto& each : tools_of(profile))
    CAF_CHECK(is_built_in_tool(each.name));
  CAF_CHECK(!is_built_in_tool("find"));
}

CAF_TEST(an argument is a text member of an object or nothing) {
  CAF_CHECK(text_argument(R"({"digits":"12"})", "digits") == std::optional<std::string>("12"));
  for (auto* bad : {"", "{", "[]", R"({"digits":12})", R"({"other":"12"})", "null", "\xFF"})
    CAF_CHECK(!text_argument(bad, "digits"));
  CAF_CHECK(!text_argument(std::string(100'000, ' ') + R"({"digits":"1"})", "digits"));
}

CAF_TEST(only keys of a phone are pressed) {
  CAF_CHECK(is_dtmf("1w2W*#"));
  CAF_CHECK(is_dtmf(std::string(32, '1')));
  for (auto* bad : {"", "1,2", "A", "1 2", "\"/><Dial>"})
    CAF_CHECK(!is_dtmf(bad));
  CAF_CHECK(!is_dtmf(std::string(33, '1')));
}
