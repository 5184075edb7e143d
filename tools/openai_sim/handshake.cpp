#include "tools/openai_sim/handshake.hpp"

#include <set>

namespace sim::openai {

namespace {

std::string query_value(const std::string& target, const std::string& key) {
  const auto question = target.find('?');
  if (question == std::string::npos)
    return {};
  const auto query = "&" + target.substr(question + 1);
  const auto at = query.find("&" + key + "=");
  if (at == std::string::npos)
    return {};
  const auto begin = at + key.size() + 2;
  return query.substr(begin, query.find('&', begin) - begin);
}

std::string key_of(const upgrade_request& request) {
  const std::string bearer = "Bearer ";
  if (request.authorization.rfind(bearer, 0) == 0)
    return request.authorization.substr(bearer.size());
  return request.api_key;
}

std::string masked(const std::string& key) {
  return key.size() < 8 ? "***" : key.substr(0, 3) + "***" + key.substr(key.size() - 4);
}

std::optional<refusal> refuse(const upgrade_request& request, const options& chosen,
                              const std::string& model) {
  const auto key = key_of(request);
  if (!chosen.api_key.empty() && key != chosen.api_key)
    return refusal{{"invalid_api_key", "Incorrect API key provided: " + masked(key) + ".", ""},
                   3000};
  if (request.beta_header && chosen.session.spoken == dialect::ga)
    return refusal{{"beta_api_shape_disabled",
                    "The Realtime Beta API is no longer supported. Please use /v1/realtime for "
                    "the GA API.",
                    ""},
                   4000};
  if (model.empty())
    return refusal{{"missing_model", "You must provide a model parameter.", "model"}, 4000};
  if (model.rfind("unknown", 0) == 0)
    return refusal{{"model_not_found",
                    "The model '" + model + "' does not exist or you do not have access to it.",
                    "model"},
                   4004};
  if (model.find("realtime") == std::string::npos)
    return refusal{
        {"invalid_model", "Model '" + model + "' is not supported in realtime mode.", "model"},
        4000};
  return std::nullopt;
}

} // namespace

verdict judge_upgrade(const upgrade_request& request, const options& chosen) {
  static const std::set<std::string> paths = {"/v1/realtime", "/openai/v1/realtime",
                                              "/openai/realtime"};
  verdict out;
  if (paths.count(request.target.substr(0, request.target.find('?'))) == 0) {
    out.http_status = 404;
  } else if (!request.upgrade) {
    out.http_status = 426;
  } else if (key_of(request).empty()) {
    out.http_status = 401;
  } else {
    out.model = query_value(request.target, "model");
    if (out.model.empty())
      out.model = query_value(request.target, "deployment");
    out.refused = refuse(request, chosen, out.model);
  }
  return out;
}

} // namespace sim::openai
