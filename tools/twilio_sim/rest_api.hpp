#pragma once

#include "tools/twilio_sim/call.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sim {

/// The part of Twilio's REST API that concerns live calls, on 127.0.0.1:
/// GET and POST /2010-04-01/Accounts/{sid}/Calls/{CallSid}.json.
/// Source: https://www.twilio.com/docs/voice/api/call-resource.
class rest_api {
public:
  using finder = std::function<std::shared_ptr<call>(const std::string& call_sid)>;

  /// @param port 0: any.
  /// @throws boost::system::system_error when the port cannot be bound.
  rest_api(boost::asio::io_context& io, const options& config, uint16_t port, finder find);
  ~rest_api();

  uint16_t port() const;

private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace sim
