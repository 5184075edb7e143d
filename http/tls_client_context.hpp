#pragma once

// Internal: how websocket_stream gets at the OpenSSL context behind tls_client_context.

#include "http/websocket.hpp"

struct ssl_ctx_st;

namespace switchboard::http {

/// @returns the SSL_CTX, owned by `context`.
ssl_ctx_st* native_context(tls_client_context& context);

} // namespace switchboard::http
