#pragma once

#include "tools/twilio_sim/options.hpp"
#include "tools/twilio_sim/report.hpp"
#include "tools/twilio_sim/webhooks.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace sim {

/// One simulated call: asks the webhook, obeys the TwiML, runs the media stream, tells the status
/// callbacks. Lives on the io_context's thread.
class call {
public:
  virtual ~call() = default;

  virtual void start() = 0;
  virtual const std::string& sid() const = 0;

  /// The REST API's view. `Status=completed` and redirects need a call that has not ended.
  virtual bool ended() const = 0;
  /// Twilio's CallStatus.
  virtual const std::string& status() const = 0;
  virtual void complete_by_rest() = 0;
  virtual void redirect_to_url(const std::string& url, const std::string& method) = 0;
  virtual void redirect_to_twiml(const std::string& twiml) = 0;
};

/// @param done Told the record once the call and its last callback are over.
std::shared_ptr<call> make_call(boost::asio::io_context& io, const options& config, webhooks& http,
                                int number, std::function<void(const call_record&)> done);

} // namespace sim
