#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace sim::openai {

/// Keys keep the order in which they were written, as on the model's wire ("type" first).
using json = nlohmann::ordered_json;

/// The inner object of an `error` event.
struct api_error {
  std::string code;
  std::string message;
  std::string param; ///< Empty = null.
  std::string type = "invalid_request_error";
};

} // namespace sim::openai
