#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace e2e {

/// How many clients of each kind a flood has at once.
struct flood_size {
  size_t idle = 0;           ///< connect and say nothing
  size_t trickling = 0;      ///< one byte of a request each second
  size_t event_readers = 0;  ///< take live events
  size_t event_sleepers = 0; ///< ask for live events and never read
  size_t bad_per_turn = 0;   ///< each turn: garbage, oversize and connections that are reset
};

/// Clients that mean harm, on a thread of their own until stop(). Who is thrown out comes back.
class flood {
public:
  flood(uint16_t port, flood_size size);
  ~flood();

  void stop();
  /// Event streams that were answered so far.
  size_t listening() const { return listening_; }
  /// Connections that the server ended.
  size_t thrown_out() const { return thrown_out_; }
  /// Turns in which every bad client had its go.
  size_t turns() const { return turns_; }

private:
  enum class kind { idle, trickling, event_reader, event_sleeper };
  struct client {
    kind what;
    int fd = -1;
    bool heard = false; ///< something came from the server
    size_t sent = 0;    ///< bytes that trickled
  };

  void run();
  void open(client& c);
  void trickle();
  void listen();
  void take(client& c);
  void misbehave();

  uint16_t port_;
  flood_size size_;
  std::vector<client> clients_;
  std::atomic<bool> over_{false};
  std::atomic<size_t> listening_{0}, thrown_out_{0}, turns_{0};
  std::thread thread_;
};

} // namespace e2e
