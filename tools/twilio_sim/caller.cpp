#include "tools/twilio_sim/caller.hpp"

#include "tools/sim_common/audio_file.hpp"
#include "tools/sim_common/twilio_playout.hpp"

namespace sim {

namespace {

constexpr int64_t digit_ms = 250; // between two digits
constexpr int line_rate = 8000;

std::vector<turn> turns_of(const caller_options& script) {
  std::vector<turn> out;
  for (const auto& x : script.turns) {
    out.push_back({static_cast<int64_t>(x.clip->size()) / samples_per_ms, x.interrupt_ms});
  }
  return out;
}

void save_track(std::string file, int number, int64_t until, heard_track& track) {
  if (file.empty()) {
    return;
  }
  if (const auto at = file.find("%d"); at != std::string::npos) {
    file.replace(at, 2, std::to_string(number));
  }
  track.extend(until);
  save_wav(file, decode_ulaw(track.bytes()), line_rate, 1);
}

} // namespace

caller::caller(const caller_options& script)
    : script_{script}, turns_{turns_of(script), script.rules} {
  for (const auto& x : script.clips) {
    said_.say(x.at_ms * samples_per_ms, x.clip);
  }
}

std::string caller::frame(int64_t at, size_t count) {
  auto out = said_.frame(at, count);
  if (!script_.said_file.empty()) {
    said_track_.write(at, out);
  }
  return out;
}

void caller::hear(int64_t at, std::string_view ulaw) {
  if (!script_.heard_file.empty()) {
    heard_track_.write(at, ulaw);
  }
  if (!script_.turns.empty() && has_voice(ulaw)) {
    const auto end = at + static_cast<int64_t>(ulaw.size());
    turns_.agent_voice(at / samples_per_ms, end / samples_per_ms);
  }
}

std::vector<char> caller::digits_until(int64_t now_ms) {
  std::vector<char> out;
  for (const auto& x : script_.dtmf) {
    for (size_t i = 0; i < x.digits.size(); ++i) {
      const auto at_ms = x.at_ms + static_cast<int64_t>(i) * digit_ms;
      if (at_ms > pressed_until_ms_ && at_ms <= now_ms) {
        out.push_back(x.digits[i]);
      }
    }
  }
  pressed_until_ms_ = now_ms;
  return out;
}

caller_act caller::tick(int64_t at, bool buffered) {
  until_ = at;
  const auto now_ms = at / samples_per_ms;
  caller_act out;
  out.digits = digits_until(now_ms);
  if (script_.turns.empty()) {
    return out;
  }
  out.action = turns_.tick(now_ms, buffered);
  if (out.action == turn_action::speak) {
    const auto& turn = script_.turns[turns_.current()];
    said_.say(at, turn.clip);
    out.file = turn.file;
  }
  return out;
}

void caller::save(int call_number) {
  save_track(script_.heard_file, call_number, until_, heard_track_);
  save_track(script_.said_file, call_number, until_, said_track_);
}

} // namespace sim
