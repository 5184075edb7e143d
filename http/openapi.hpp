#pragma once

#include <string>

namespace switchboard::http {

// The parts of the document, as JSON text: openapi_paths.cpp and openapi_schemas.cpp.
extern const char* const openapi_paths;
extern const char* const openapi_components;

/// The contract as an OpenAPI 3.1 document; made once. What it says of shapes, the end-to-end suite
/// `openapi` checks against the running server.
const std::string& openapi_document();

} // namespace switchboard::http
