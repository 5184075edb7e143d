// What an operator writes: a `.env` file, agent profiles, prices, single values. The first byte
// chooses. Properties: what is read is within its bounds, what is wrong is told, and nothing
// throws.
#include "conf/agent_profiles.hpp"
#include "conf/model_prices.hpp"
#include "conf/text.hpp"
#include "tests/fuzz/require.hpp"

#include <iterator>
#include <string>
#include <string_view>
#include <vector>

using namespace switchboard::conf;

namespace {

void read_environment(const std::string& text) {
  std::vector<problem> problems;
  for (auto& [name, value] : parse_dotenv(text, problems)) {
    require(!name.empty());
    require(value.find('\n') == std::string::npos || text.find('"') != std::string::npos);
  }
}

void read_profiles(const std::string& text) {
  static const config defaults;
  std::vector<problem> problems;
  const auto profiles = parse_agent_profiles(text, defaults, problems);
  require((profiles == nullptr) == !problems.empty()); // one or the other
  if (profiles == nullptr)
    return;
  require(profiles->fallback != nullptr);
  for (auto& [number, profile] : profiles->by_number)
    require(is_e164(number) && profile != nullptr);
}

void read_values(const std::string& text) {
  if (const auto number = parse_number(text))
    require(parse_number(std::to_string(*number)) == number);
  if (const auto url = parse_url(text))
    require(!url->scheme.empty() && !url->host.empty());
  if (const auto prices = parse_model_prices(text))
    require(prices->text_in >= 0 && prices->audio_out >= 0);
  for (auto& part : split_list(text))
    require(part.find(',') == std::string::npos);
  require(!has_control(shown(text)));
  is_loopback(text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0)
    return 0;
  const std::string text{reinterpret_cast<const char*>(data) + 1, size - 1};
  constexpr void (*readers[])(const std::string&) = {read_environment, read_profiles, read_values};
  readers[data[0] % std::size(readers)](text);
  return 0;
}
