#pragma once

#include <optional>
#include <string>

namespace switchboard::conf {

/// What a model's tokens cost, in USD for a million of them.
struct model_prices {
  double text_in = 0, cached_in = 0, audio_in = 0, text_out = 0, audio_out = 0;
};

/// @returns nothing unless the text is five numbers >= 0, comma separated, in the order above.
std::optional<model_prices> parse_model_prices(const std::string& text);

} // namespace switchboard::conf
