#pragma once

#include "tools/openai_sim/options.hpp"
#include "tools/openai_sim/records.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <functional>

namespace sim::openai {

/// Serves one accepted connection: upgrade, session, faults, end. It keeps itself alive until the
/// connection is gone. One thread: all runs on the socket's io_context.
/// @param number Of the connection, counted from 1 at accept.
/// @param tls Null = plain.
void serve(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls, int number,
           const options& chosen, records& kept);

} // namespace sim::openai
