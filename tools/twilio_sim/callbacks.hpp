#pragma once

#include "tools/sim_common/twilio_signature.hpp"
#include "tools/twilio_sim/http_client.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sim {

/// A callback that is due to be sent.
struct callback {
  std::string kind;
  std::string method;
  std::string url;
  form_params params;
};

/// Delivers callbacks one after the other, in order; or, shuffled, holds them all back until
/// `finish` and delivers them in another order, the last first.
class callback_queue : public std::enable_shared_from_this<callback_queue> {
public:
  using sender = std::function<void(const callback&, std::function<void()> done)>;

  callback_queue(bool shuffled, sender send);

  void add(callback x);

  /// No more will come. @param done Called when all are delivered.
  void finish(std::function<void()> done);

private:
  void next();

  bool shuffled_;
  sender send_;
  std::vector<callback> waiting_;
  bool sending_ = false;
  bool finishing_ = false;
  std::function<void()> done_;
};

} // namespace sim
