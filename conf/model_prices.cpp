#include "conf/model_prices.hpp"

#include <array>
#include <cmath>
#include <cstdlib>

namespace switchboard::conf {

std::optional<model_prices> parse_model_prices(const std::string& text) {
  model_prices out;
  const std::array<double*, 5> fields = {&out.text_in, &out.cached_in, &out.audio_in, &out.text_out,
                                         &out.audio_out};
  const char* at = text.c_str();
  for (size_t i = 0; i < fields.size(); ++i) {
    char* end = nullptr;
    *fields[i] = std::strtod(at, &end);
    const char follows = i + 1 < fields.size() ? ',' : '\0';
    if (end == at || *end != follows || !std::isfinite(*fields[i]) || *fields[i] < 0)
      return std::nullopt;
    at = end + 1;
  }
  return out;
}

} // namespace switchboard::conf
