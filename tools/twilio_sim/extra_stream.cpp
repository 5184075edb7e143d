#include "tools/twilio_sim/extra_stream.hpp"

#include "tools/sim_common/audio_file.hpp"

namespace sim {

namespace {

class extra_stream : public stream_listener {
public:
  extra_stream(std::function<int64_t()> now, std::function<void(const stream_record&)> ended)
      : now_{std::move(now)}, ended_{std::move(ended)} {}

  int64_t stream_opened() override { return now_(); }
  std::string caller_frame(int64_t, size_t count) override {
    return std::string(count, static_cast<char>(ulaw_silence));
  }
  void audio_played(int64_t, std::string_view) override {}
  void stream_tick(int64_t, bool) override {}
  void stream_warning(int, const std::string&) override {}
  void stream_ended(const stream_record& record) override {
    auto copy = record;
    copy.extra = true;
    ended_(copy);
  }

private:
  std::function<int64_t()> now_;
  std::function<void(const stream_record&)> ended_;
};

} // namespace

std::shared_ptr<stream_listener>
make_extra_stream(std::function<int64_t()> now, std::function<void(const stream_record&)> ended) {
  return std::make_shared<extra_stream>(std::move(now), std::move(ended));
}

} // namespace sim
