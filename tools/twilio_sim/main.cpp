// bin/twilio-sim: the carrier as Switchboard sees it. Shares no code with the server.
#include "tools/sim_common/twilio_signature.hpp"
#include "tools/twilio_sim/call.hpp"
#include "tools/twilio_sim/options.hpp"
#include "tools/twilio_sim/report.hpp"
#include "tools/twilio_sim/rest_api.hpp"
#include "tools/twilio_sim/webhooks.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>

namespace {

using namespace sim;
namespace asio = boost::asio;
using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

constexpr int exit_call_failed = 3;
constexpr auto server_poll = milliseconds{100};

/// Waits until the server accepts connections. @returns false when it does not in time.
bool wait_for_server(const webhooks& http, int64_t wait_ms) {
  const auto to = http.route_of(http.voice_url());
  const auto until = steady::now() + milliseconds{wait_ms};
  while (to && steady::now() < until) {
    asio::io_context io;
    boost::system::error_code ec;
    asio::ip::tcp::socket socket{io};
    const auto found = asio::ip::tcp::resolver{io}.resolve(to->host, to->port, ec);
    if (!ec && !found.empty()) {
      socket.connect(*found.begin(), ec);
      if (!ec) {
        return true;
      }
    }
    asio::steady_timer timer{io, server_poll};
    timer.wait();
  }
  return false;
}

/// Starts the calls one after the other and collects their records.
class run {
public:
  explicit run(const options& config) : config_{config}, http_{io_, config}, start_timer_{io_} {}

  int go() {
    if (config_.rest_port) {
      serve_rest();
    }
    if (config_.wait_server_ms > 0 && !wait_for_server(http_, config_.wait_server_ms)) {
      std::cerr << "nobody listens at " << config_.url << '\n';
      return exit_call_failed;
    }
    start_next();
    io_.run();
    return report();
  }

private:
  void serve_rest() {
    api_ = std::make_unique<rest_api>(io_, config_, *config_.rest_port, [this](const auto& sid) {
      const auto found = calls_.find(sid);
      return found == calls_.end() ? nullptr : found->second;
    });
    std::cout << "rest http://127.0.0.1:" << api_->port() << std::endl;
    if (!config_.rest_port_file.empty()) {
      std::ofstream{config_.rest_port_file} << api_->port() << '\n';
    }
  }

  void start_next() {
    const int number = static_cast<int>(calls_.size()) + 1;
    auto call = make_call(io_, config_, http_, number,
                          [this](const call_record& record) { finished(record); });
    calls_.emplace(call->sid(), call);
    call->start();
    if (number < config_.calls) {
      start_timer_.expires_after(milliseconds{config_.stagger_ms});
      start_timer_.async_wait([this](auto) { start_next(); });
    }
  }

  void finished(const call_record& record) {
    records_.push_back(record);
    if (!config_.quiet || !record.ok) {
      std::cout << render_line(record) << std::endl;
    }
    if (records_.size() == static_cast<size_t>(config_.calls)) {
      start_timer_.expires_after(milliseconds{config_.linger_ms});
      start_timer_.async_wait([this](auto) {
        api_.reset();
        io_.stop();
      });
    }
  }

  int report() {
    std::sort(records_.begin(), records_.end(),
              [](const auto& a, const auto& b) { return a.number < b.number; });
    if (!config_.report_file.empty()) {
      std::ofstream out{config_.report_file};
      out << render_report(records_);
      if (!out.flush()) {
        std::cerr << config_.report_file << ": cannot be written\n";
        return 1;
      }
    }
    const auto failed =
        std::count_if(records_.begin(), records_.end(), [](const auto& x) { return !x.ok; });
    if (!config_.quiet) {
      std::cout << records_.size() << " calls, " << failed << " failed" << std::endl;
    }
    return failed == 0 ? 0 : exit_call_failed;
  }

  const options& config_;
  asio::io_context io_;
  webhooks http_;
  std::unique_ptr<rest_api> api_;
  std::map<std::string, std::shared_ptr<call>> calls_;
  std::vector<call_record> records_;
  asio::steady_timer start_timer_;
};

} // namespace

int main(int argc, char** argv) {
  const auto config = parse_options(argc, argv);
  if (config.sign_only) {
    std::cout << twilio_signature(config.auth_token, config.sign_url, config.sign_params) << '\n';
    return 0;
  }
  try {
    return run{config}.go();
  } catch (const std::exception& e) {
    std::cerr << "twilio-sim: " << e.what() << '\n';
    return 1;
  }
}
