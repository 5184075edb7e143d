#pragma once

#include "tools/loadgen/link.hpp"
#include "tools/loadgen/options.hpp"
#include "tools/loadgen/tally.hpp"
#include "tools/sim_common/load_frames.hpp"
#include "tools/sim_common/load_talk.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sim::load {

/// One session of the model: hears frames, and speaks by its pattern once it has heard one.
class model_session : public link_events, public pulse {
public:
  model_session(reactor& loop, tally& told, const options& how, uint32_t number);
  void adopt(int fd, SSL_CTX* tls) { link_.adopt(fd, tls); }
  void stop() { stopped_ = true; }

  void on_up() override;
  void on_bytes(char* bytes, size_t count) override;
  void on_down(const std::string& why) override;
  bool on_pulse(int64_t due_us) override;

private:
  void upgrade(const char* bytes, size_t count);
  void answer_upgrade();
  void on_message(uint8_t opcode, std::string_view text);
  void hear(std::string_view base64);
  bool breaks_off();
  void answer_begins();
  void answer_ends(const char* status);
  void speak(unsigned frames);
  void event(const std::string& type, const std::string& rest);
  std::string item() const;

  reactor& loop_;
  tally& told_;
  const options& how_;
  uint32_t number_;
  link link_;
  ws_reader reader_;
  load_talk talk_;
  std::string head_, heard_, audio_;
  bool upgraded_ = false, opened_ = false; // opened: the server has spoken in it
  bool talking_ = false, answering_ = false, greeted_ = false, stopped_ = false;
  uint32_t stream_ = std::numeric_limits<uint32_t>::max(); // of the caller heard
  uint64_t heard_bytes_ = 0;
  int64_t answer_us_ = 0; // when the upgrade is answered
  uint32_t answers_ = 0, turns_ = 0, sequence_ = 0, pulses_ = 0;
};

/// Listens where the server (or the relay) looks for the model.
class model_host : public pollable {
public:
  /// @throws std::runtime_error if it cannot listen.
  model_host(reactor& loop, tally& told, const options& how);
  ~model_host() override;
  void on_ready(uint32_t events) override;
  void stop();

private:
  reactor& loop_;
  tally& told_;
  const options& how_;
  int fd_;
  SSL_CTX* tls_ = nullptr;
  std::vector<std::unique_ptr<model_session>> sessions_;
};

} // namespace sim::load
