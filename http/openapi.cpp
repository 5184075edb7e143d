#include "http/openapi.hpp"

#include "conf/config.hpp"
#include "http/json_text.hpp"
#include "http/site.hpp"

namespace switchboard::http {

namespace {

std::string make_document() {
  std::string info;
  json_writer w{info};
  w.open().text("title", "Switchboard").text("version", conf::version());
  w.text(
       "description",
       "Calls, recordings, transcripts and figures of a call backend. Whatever the operation, what "
       "is no HTTP is answered 400 BAD_REQUEST, and what is too large 413 BODY_TOO_LARGE, 414 "
       "URI_TOO_LONG or 431 HEADERS_TOO_LARGE.")
      .close();
  std::string document = R"({"openapi":"3.1.0","info":)";
  document += info;
  document += R"(,"security":[{"token":[]}],"paths":)";
  document += openapi_paths;
  document += R"(,"components":)";
  document += openapi_components;
  return document += '}';
}

void show_document(site_context&, const exchange_ptr& x) {
  x->answer(json_response(200, openapi_document()));
}

} // namespace

const std::string& openapi_document() {
  static const std::string document = make_document();
  return document;
}

void add_openapi_routes(std::vector<route>& routes) {
  routes.push_back({"GET", "/openapi.json", access_need::none, show_document});
}

} // namespace switchboard::http
