#include "http/openai/model_address.hpp"

#include "http/form.hpp"

namespace switchboard::openai {

std::string model_url(const conf::config& config) {
  std::string url = config.openai_realtime_url.substr(0, config.openai_realtime_url.find('#'));
  size_t question = url.find('?');
  if (question == std::string::npos)
    return url + "?model=" + http::encode_percent(config.openai_realtime_model);
  http::form query = http::parse_form(std::string_view(url).substr(question + 1));
  for (const char* name : {"model", "deployment", "call_id", "intent"})
    if (query.find(name) != nullptr)
      return url;
  if (url.back() != '?' && url.back() != '&')
    url += '&';
  return url + "model=" + http::encode_percent(config.openai_realtime_model);
}

std::vector<std::pair<std::string, std::string>> model_headers(const conf::config& config) {
  std::vector<std::pair<std::string, std::string>> headers;
  const std::string& shape = config.openai_auth_header;
  size_t colon = shape.find(':');
  std::string value;
  if (colon != std::string::npos) {
    size_t start = shape.find_first_not_of(' ', colon + 1);
    if (start != std::string::npos)
      value = shape.substr(start) + ' ';
  }
  headers.emplace_back(shape.substr(0, colon), value + config.openai_api_key);
  if (config.openai_dialect == conf::dialect::beta)
    headers.emplace_back("OpenAI-Beta", "realtime=v1");
  return headers;
}

} // namespace switchboard::openai
