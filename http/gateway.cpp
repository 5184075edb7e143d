#include "http/gateway.hpp"

namespace switchboard::http {

using actors::actor_error;

gateway::gateway(caf::actor_config& cfg, actors::line* where) : line_actor(cfg, where) {}

caf::behavior gateway::make_behavior() {
  // It takes no messages but the answers to its requests; a behavior keeps it alive.
  return {[](caf::unit_t) {}};
}

void gateway::run_guarded(const std::function<void()>& work, const on_failure& failed) {
  try {
    work();
  } catch (const std::exception& e) {
    log::error("http", "handler failed", {{"what", e.what()}});
    if (failed)
      failed(caf::make_error(caf::sec::runtime_error));
  }
}

http_response failure_response(const caf::error& why) {
  if (why == actor_error::not_found)
    return error_response(404, "CALL_NOT_FOUND", "Call not found");
  if (why == actor_error::not_active)
    return error_response(409, "CALL_NOT_ACTIVE", "The call is not active");
  if (why == actor_error::still_active)
    return error_response(409, "CALL_ACTIVE", "The call is active");
  if (why == actor_error::disk)
    return busy_response("STORAGE_UNAVAILABLE", "The storage does not answer");
  if (why == actor_error::busy || why == actor_error::full)
    return busy_response("BUSY", "The server is busy, try again later");
  if (why == actor_error::draining)
    return busy_response("DRAINING", "The server is going down");
  if (why == actor_error::database || why == actor_error::timed_out ||
      why == caf::sec::request_timeout || why == caf::sec::request_receiver_down)
    return busy_response("DATABASE_UNAVAILABLE", "The database does not answer");
  return internal_error();
}

gateway::on_failure answer_failure(exchange_ptr x) {
  return [x = std::move(x)](const caf::error& why) {
    log::warn("http", "request failed",
              {{"request_id", x->request().id}, {"why", caf::to_string(why)}});
    x->answer(failure_response(why));
  };
}

} // namespace switchboard::http
