#include "tools/openai_sim/connection.hpp"
#include "tools/openai_sim/options.hpp"
#include "tools/openai_sim/records.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstdio>
#include <memory>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Accepts connections and numbers them.
class acceptor {
public:
  acceptor(asio::io_context& io, const sim::openai::options& chosen, sim::openai::records& kept)
      : options_(chosen),
        records_(kept),
        acceptor_(io, tcp::endpoint(asio::ip::make_address(chosen.host), chosen.port)) {
    if (chosen.tls_cert.empty())
      return;
    tls_ = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    tls_->use_certificate_chain_file(chosen.tls_cert);
    tls_->use_private_key_file(chosen.tls_key, asio::ssl::context::pem);
  }

  unsigned port() const { return acceptor_.local_endpoint().port(); }

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted)
        return;
      if (!error)
        take(std::move(socket));
      accept();
    });
  }

private:
  void take(tcp::socket socket) {
    const int number = ++accepted_;
    if (sim::openai::any_meets(options_.faults.refuse, number)) {
      records_.note(number, "refused at accept");
      socket.set_option(asio::socket_base::linger(true, 0)); // the client sees a reset
      records_.close(number,
                     {{"session", number},
                      {"close", {{"by", "simulator"}, {"code", 0}, {"reason", "refused"}}}},
                     {});
    } else if (sim::openai::any_meets(options_.faults.silent, number)) {
      records_.note(number, "never answered");
      silent_.push_back(std::move(socket));
    } else {
      sim::openai::serve(std::move(socket), tls_.get(), number, options_, records_);
    }
  }

  const sim::openai::options& options_;
  sim::openai::records& records_;
  tcp::acceptor acceptor_;
  std::unique_ptr<asio::ssl::context> tls_;
  std::vector<tcp::socket> silent_;
  int accepted_ = 0;
};

int run(const sim::openai::options& chosen) {
  asio::io_context io(1);
  sim::openai::records kept(chosen);
  acceptor listener(io, chosen, kept);
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code, int) { io.stop(); });
  listener.accept();
  const bool tls = !chosen.tls_cert.empty();
  std::printf("openai-sim: listening on %s://%s:%u/v1/realtime\n", tls ? "wss" : "ws",
              chosen.host.c_str(), listener.port());
  std::fflush(stdout);
  if (!chosen.port_file.empty())
    sim::openai::write_whole(chosen.port_file, std::to_string(listener.port()) + "\n");
  io.run();
  kept.write_report();
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  sim::openai::options chosen;
  const int exit_code = sim::openai::parse_options(argc, argv, chosen);
  if (exit_code >= 0)
    return exit_code;
  try {
    return run(chosen);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "openai-sim: %s\n", problem.what());
    return 1;
  }
}
