#define CAF_SUITE kill_loop
#define FAIL CAF_FAIL
#include "actors/read_stamps.hpp"
#include "conf/defaults/call.hpp"
#include "tests/end_to_end/sound.hpp"
#include "tests/end_to_end/world.hpp"
#include "tools/sim_common/audio_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include <caf/test/dsl.hpp>

using namespace e2e;
using switchboard::actors::read_stamps;

namespace {

constexpr size_t calls_each = 5;             // of those that come back and of those that do not
constexpr int64_t promised_ns = 200'000'000; // what was read this long before the crash is recorded

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

struct frame {
  std::string call_id;
  uint64_t at_ms = 0;
  std::vector<float> samples; // 8 kHz
};

/// The frames that the killed server had read before `until_ns`.
std::vector<frame> frames_read(const std::string& path, int64_t until_ns) {
  std::vector<frame> frames;
  const int fd = ::open(path.c_str(), O_RDONLY);
  const auto bytes = fd < 0 ? 0 : ::lseek(fd, 0, SEEK_END);
  if (bytes <= 0)
    return frames;
  void* memory = ::mmap(nullptr, static_cast<size_t>(bytes), PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  const auto count = std::min<uint64_t>(static_cast<const read_stamps::header*>(memory)->count,
                                        switchboard::defaults::call::read_stamps_max);
  const auto* records = reinterpret_cast<const read_stamps::record*>(
      static_cast<const char*>(memory) + sizeof(read_stamps::header));
  for (uint64_t i = 0; i < count; ++i) {
    const auto& one = records[i];
    const int64_t read_ns = one.read_ns;
    if (read_ns == 0 || read_ns > until_ns)
      continue;
    frame x;
    x.call_id.assign(one.call_id.begin(), one.call_id.end());
    x.at_ms = one.at_ms;
    for (uint32_t k = 0; k < one.bytes; ++k)
      x.samples.push_back(static_cast<float>(sim::linear_from_ulaw(one.pcmu[k])) / 32768.0f);
    frames.push_back(std::move(x));
  }
  ::munmap(memory, static_cast<size_t>(bytes));
  return frames;
}

/// Whether a frame can be heard where it belongs: its time is there and, if it is not near silence,
/// so is its sound.
bool is_in(const std::vector<float>& track, const frame& x) {
  const size_t first = x.at_ms * 8;
  if (first + x.samples.size() > track.size())
    return false;
  double energy = 0, product = 0, other = 0;
  for (size_t i = 0; i < x.samples.size(); ++i) {
    const double a = x.samples[i], b = track[first + i];
    energy += a * a;
    other += b * b;
    product += a * b;
  }
  const bool loud = std::sqrt(energy / static_cast<double>(x.samples.size())) > 0.02;
  return !loud || (other > 0 && product / std::sqrt(energy * other) > 0.8);
}

/// One server killed at one moment, and what is left of its calls.
struct crash : world {
  crash(std::mt19937& random, int number) : number_(number) {
    std::uniform_int_distribution<int> moment_ms{200, 3'500};
    wait_ms_ = moment_ms(random);
  }

  void run() {
    start_model();
    start_server({{"RESUME_WINDOW_S", "2"}, {"TEST_READ_STAMPS", path("stamps")}});
    place();
    std::this_thread::sleep_for(std::chrono::milliseconds{wait_ms_}); // the random moment itself
    const auto known = calls();
    killed_ns_ = now_ns();
    server.signal(SIGKILL);
    server.wait(seconds{10});
    start_server({{"RESUME_WINDOW_S", "2"}, {"PORT", std::to_string(port())}});
    finish_calls("back");
    finish_calls("gone");
    CAF_REQUIRE(wait_for_recordings(2 * calls_each));
    check(known);
  }

private:
  void place() {
    const texts speak{"--calls",  std::to_string(calls_each),
                      "--say-at", "0.2:" + speech("caller_3.wav"),
                      "--say-at", "3:" + speech("caller_2.wav")};
    auto back = speak;
    back.insert(back.end(), {"--hangup-after", "5", "--retry", "10"});
    auto gone = speak;
    gone.insert(gone.end(), {"--hangup-after", "5"});
    start_calls("back", back);
    start_calls("gone", gone);
    CAF_REQUIRE(wait_until([&] {
      const auto rows = calls();
      return rows.size() == 2 * calls_each &&
             std::none_of(rows.begin(), rows.end(),
                          [](const json& row) { return row["streamSid"].is_null(); });
    }));
  }

  std::map<std::string, json> placed() const {
    std::map<std::string, json> by_sid;
    for (auto* name : {"back", "gone"}) {
      const auto all = report(name);
      for (auto& call : all["calls"])
        by_sid[call["callSid"]] = call;
    }
    return by_sid;
  }

  void check(const json& known) {
    const auto rows = calls();
    const auto by_sid = placed();
    CAF_REQUIRE_EQUAL(rows.size(), by_sid.size());
    std::map<std::string, std::vector<float>> tracks;
    for (auto& row : rows) {
      const auto wav = load_sound(
          path("data/recordings/" + row["recordings"][0]["filePath"].get<std::string>()));
      CAF_REQUIRE_EQUAL(wav.tracks.size(), 2u);
      tracks[row["id"]] = at_8k(wav, 0);
      check_row(row, by_sid.at(row["callSid"]));
    }
    check_turns(known, rows);
    check_frames(tracks);
  }

  void check_row(const json& row, const json& carrier) {
    const bool went_on = carrier["streams"].size() > 1 && carrier["streams"].back()["started"];
    CAF_CHECK_EQUAL(row["status"].get<std::string>(), went_on ? "completed" : "failed");
    CAF_CHECK(!row["endTime"].is_null());
    CAF_CHECK_EQUAL(row["analytics"].size(), 1u);
    std::set<std::pair<std::string, double>> turns;
    for (auto& turn : row["transcripts"])
      CAF_CHECK(turns
                    .emplace(turn["speaker"].get<std::string>() + turn["text"].get<std::string>(),
                             turn["startTime"].get<double>())
                    .second);
  }

  /// What the API told before the crash is there after it.
  void check_turns(const json& known, const json& rows) {
    for (auto& before : known) {
      const auto after = std::find_if(rows.begin(), rows.end(),
                                      [&](const json& row) { return row["id"] == before["id"]; });
      CAF_REQUIRE(after != rows.end());
      for (auto& turn : before["transcripts"])
        CAF_CHECK(std::any_of((*after)["transcripts"].begin(), (*after)["transcripts"].end(),
                              [&](const json& one) { return one["id"] == turn["id"]; }));
    }
  }

  void check_frames(const std::map<std::string, std::vector<float>>& tracks) {
    size_t missing = 0, late_missing = 0;
    const auto all = frames_read(path("stamps"), killed_ns_);
    const auto promised = frames_read(path("stamps"), killed_ns_ - promised_ns);
    for (auto& x : promised)
      missing += is_in(tracks.at(x.call_id), x) ? 0 : 1;
    for (auto& x : all)
      late_missing += is_in(tracks.at(x.call_id), x) ? 0 : 1;
    CAF_CHECK_EQUAL(missing, 0u);
    uint64_t sent = 0;
    for (auto& [sid, call] : placed())
      if (!call["streams"].empty())
        sent += call["streams"][0]["framesSent"].get<uint64_t>();
    CAF_MESSAGE("kill " << number_ << " after " << wait_ms_ << " ms: " << all.size()
                        << " frames read, " << promised.size() << " of them 200 ms before, "
                        << missing << " of these missing; of all " << late_missing
                        << " missing; the carrier had sent " << sent);
  }

  int number_;
  int wait_ms_ = 0;
  int64_t killed_ns_ = 0;
};

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::atoi(text) : otherwise;
}

} // namespace

CAF_TEST(servers killed at random moments lose nothing that was read 200 ms before) {
  const auto seed =
      static_cast<unsigned>(number_from("KILL_SEED", static_cast<int>(now_ns() % 1'000'000)));
  CAF_MESSAGE("KILL_SEED=" << seed);
  std::mt19937 random{seed};
  const int kills = number_from("KILLS", 5);
  for (int i = 1; i <= kills; ++i)
    crash{random, i}.run();
}
