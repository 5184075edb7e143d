#define CAF_SUITE sealer
#define FAIL CAF_FAIL
#include "audio/wav.hpp"
#include "storage/sealer.hpp"
#include "tests/storage/call_on_disk.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <openssl/sha.h>

#include <cstdlib>
#include <memory>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::storage;

namespace {

constexpr uint64_t frames_per_ms = 16;
enum side : size_t { caller_side = 0, assistant_side = 1 };

struct fixture {
  test::temporary_directory root;
  std::string journal = root / "call.journal";
  audio::wav_clip clip;

  seal_request request(bool stereo = true) const {
    seal_request x;
    x.journal_path = journal;
    x.storage_path = root / "recordings";
    x.wav_path = "2026-11-22/call.wav";
    x.call_id = "id";
    x.stereo = stereo;
    return x;
  }

  result<recording_row> seal(bool stereo = true) {
    auto row = seal_recording(request(stereo));
    if (row) {
      std::string why;
      auto read = audio::read_wav(root / "recordings/2026-11-22/call.wav", why);
      clip = read ? std::move(*read) : audio::wav_clip{};
    }
    return row;
  }

  uint64_t length_ms() const { return clip.info.duration_ms(); }

  int sample(side which, uint64_t frame) const {
    return std::abs(clip.samples[frame * static_cast<uint64_t>(clip.info.channels) + which]);
  }

  /// Root mean square of one side.
  double level(side which, uint64_t from_ms, uint64_t to_ms) const {
    double sum = 0;
    for (auto i = from_ms * frames_per_ms; i < to_ms * frames_per_ms; ++i) {
      sum += std::pow(sample(which, i), 2);
    }
    return std::sqrt(sum / static_cast<double>((to_ms - from_ms) * frames_per_ms));
  }
  bool silent(side which, uint64_t from_ms, uint64_t to_ms) const {
    return level(which, from_ms, to_ms) < 10;
  }
  bool loud(side which, uint64_t from_ms, uint64_t to_ms) const {
    return level(which, from_ms, to_ms) > 5000;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sealer_tests, fixture)

CAF_TEST(both sides lie where they were heard) {
  test::call_on_disk call(journal);
  call.caller(500, test::tone(440, 1000));
  const auto item = call.open(2000, "item_1");
  call.assistant(2000, item, test::tone(600, 1000));
  call.done(2010, item);
  call.end(5003);
  const auto row = seal();
  CAF_REQUIRE(row);
  CAF_CHECK_EQUAL(clip.info.sample_rate_hz, 16000);
  CAF_CHECK_EQUAL(clip.info.channels, 2);
  CAF_CHECK_EQUAL(length_ms(), 5003u);
  CAF_CHECK(silent(caller_side, 0, 498));
  CAF_CHECK(loud(caller_side, 500, 520) && loud(caller_side, 520, 1500));
  CAF_CHECK(silent(caller_side, 1502, 5003));
  CAF_CHECK(silent(assistant_side, 0, 1998));
  CAF_CHECK(loud(assistant_side, 2022, 2980));
  CAF_CHECK(silent(assistant_side, 3040, 5003));
  CAF_CHECK_EQUAL(row->missing_ms_max, 0);
  CAF_CHECK_EQUAL(row->duration_s, 5.003);
  CAF_CHECK_EQUAL(row->call_id, "id");
  CAF_CHECK_EQUAL(row->file_path, "2026-11-22/call.wav");
}

CAF_TEST(the row tells size and checksum and the file is private) {
  test::call_on_disk call(journal);
  call.caller(0, test::tone(440, 300));
  call.end(300);
  const auto first = seal();
  CAF_REQUIRE(first);
  const auto path = root / "recordings/2026-11-22/call.wav";
  const auto bytes = test::read_file(path);
  CAF_CHECK_EQUAL(static_cast<size_t>(first->size_bytes), bytes.size());
  unsigned char sum[SHA256_DIGEST_LENGTH];
  SHA256(bytes.data(), bytes.size(), sum);
  std::string hex;
  for (const auto byte : sum) {
    char text[3];
    std::snprintf(text, sizeof(text), "%02x", byte);
    hex += text;
  }
  CAF_CHECK_EQUAL(first->sha256_hex, hex);
  CAF_CHECK_EQUAL(test::mode_of(path), 0600u);
  CAF_CHECK(!std::filesystem::exists(path + ".part"));
  CAF_CHECK(seal()->sha256_hex == hex); // again: the same bytes
}

CAF_TEST(what a barge in cut is not in the recording) {
  test::call_on_disk call(journal);
  const auto item = call.open(1000, "item_1");
  call.assistant(1000, item, test::tone(600, 4000)); // all at once, as models do
  call.done(1000, item);
  call.caller(2500, test::tone(440, 300));
  call.barge_in(2700);
  const auto next = call.open(3500, "item_2");
  call.assistant(3500, next, test::tone(600, 500));
  call.done(3500, next);
  call.end(6000);
  CAF_REQUIRE(seal());
  CAF_CHECK(loud(assistant_side, 1030, 2650));
  CAF_CHECK(silent(assistant_side, 2760, 3490));
  CAF_CHECK(loud(assistant_side, 3530, 3980));
  CAF_CHECK(silent(assistant_side, 4060, 6000));
}

CAF_TEST(marks that come late move nothing by more than they prove) {
  test::call_on_disk call(journal);
  call.echo_late_ms = 90; // slow network: below what counts as later playing
  const auto item = call.open(1000, "item_1");
  call.assistant(1000, item, test::tone(600, 2000));
  call.done(1000, item);
  call.end(6000);
  CAF_REQUIRE(seal());
  CAF_CHECK(silent(assistant_side, 0, 995));
  CAF_CHECK(loud(assistant_side, 1005, 2995));
  CAF_CHECK(silent(assistant_side, 3100, 6000));
}

CAF_TEST(assistant audio without any echo counts up to the first mark only) {
  test::call_on_disk call(journal);
  call.echo_late_ms = 1'000'000;
  const auto item = call.open(1000, "item_1");
  call.assistant(1000, item, test::tone(600, 5000));
  call.end(3000);
  CAF_REQUIRE(seal());
  CAF_CHECK_EQUAL(length_ms(), 3000u);
  CAF_CHECK(loud(assistant_side, 1010, 1190)); // as the live ledger tells the model
  CAF_CHECK(silent(assistant_side, 1220, 3000));
}

CAF_TEST(a gap stays silent and a burst lands where it was spoken) {
  test::call_on_disk call(journal);
  call.caller(0, test::tone(440, 1000));
  call.advance(4000);                       // nothing for 3 s, then all at once
  call.caller(3000, test::tone(440, 1000)); // told later, spoken at 3 s
  call.caller(2000, test::tone(440, 500));  // and out of order
  call.end(4500);
  CAF_REQUIRE(seal());
  CAF_CHECK(loud(caller_side, 0, 1000));
  CAF_CHECK(silent(caller_side, 1002, 1998));
  CAF_CHECK(loud(caller_side, 2000, 2500));
  CAF_CHECK(silent(caller_side, 2502, 2998));
  CAF_CHECK(loud(caller_side, 3000, 4000));
}

CAF_TEST(resampling is one stream over all pieces) {
  test::call_on_disk call(journal);
  call.caller(0, test::tone(440, 5000));
  call.end(5000);
  CAF_REQUIRE(seal());
  // Against the ideal tone: clicks at borders of pieces or blocks would spoil the ratio.
  double signal = 0;
  double noise = 0;
  for (uint64_t i = 1600; i < 78'000; ++i) {
    const auto at = static_cast<double>(i) / 16000;
    const double ideal = 8000 * std::sin(2 * 3.14159265358979323846 * 440 * at);
    signal += ideal * ideal;
    noise += std::pow(clip.samples[2 * i] - ideal, 2);
  }
  CAF_CHECK_GREATER(10 * std::log10(signal / noise), 30.0); // mu-law itself gives 36 dB
}

CAF_TEST(a mono recording mixes without clipping) {
  test::call_on_disk call(journal);
  call.caller(0, test::tone(500, 1000, 30000));
  const auto item = call.open(0, "item_1");
  call.assistant(0, item, test::tone(500, 1000, 30000));
  call.done(0, item);
  call.caller(1500, test::tone(500, 1000, 8000));
  call.end(2500);
  CAF_REQUIRE(seal(false));
  CAF_CHECK_EQUAL(clip.info.channels, 1);
  int peak = 0;
  int quiet_peak = 0;
  for (size_t i = 0; i < clip.samples.size(); ++i) {
    auto& most = i < 1400 * frames_per_ms ? peak : quiet_peak;
    most = std::max(most, std::abs(static_cast<int>(clip.samples[i])));
  }
  CAF_CHECK(peak > 30000 && peak < 32700); // bent, not cut off flat
  CAF_CHECK(quiet_peak > 7600 && quiet_peak < 8600);
}

CAF_TEST(a torn journal gives what is there and says what may be missing) {
  {
    test::call_on_disk call(journal);
    call.caller(0, test::tone(440, 2000));
    const auto item = call.open(500, "item_1");
    call.assistant(500, item, test::tone(600, 3000));
    call.advance(1900);
    call.flush(); // and the process dies
  }
  auto row = seal();
  CAF_REQUIRE(row);
  CAF_CHECK_EQUAL(row->missing_ms_max, 200);
  CAF_CHECK_EQUAL(length_ms(), 2000u);
  CAF_CHECK(loud(caller_side, 0, 2000));
  CAF_CHECK(loud(assistant_side, 510, 1990)); // the rest was not heard by then
  auto bytes = test::read_file(journal);
  const auto whole = bytes.size();
  bytes.resize(whole - 10);
  test::write_file(journal, bytes);
  row = seal();
  CAF_REQUIRE(row);
  CAF_CHECK(row->missing_ms_max >= 200 && row->missing_ms_max < 230);
  bytes.resize(whole / 2);
  test::write_file(journal, bytes);
  CAF_CHECK(seal());
}

CAF_TEST(a call that another process took over is one recording) {
  for (const uint64_t base : {0u, 3000u}) {
    test::call_on_disk call(journal); // items count from 0 again
    call.caller(base, test::tone(440, 500));
    const auto item = call.open(base + 1000, "item of " + std::to_string(base));
    call.assistant(base + 1000, item, test::tone(600, 500));
    call.done(base + 1000, item);
    call.advance(base + 2000);
    if (base == 0) {
      call.flush();
    } else {
      call.end(6000);
    }
  }
  const auto row = seal();
  CAF_REQUIRE(row);
  CAF_CHECK_EQUAL(row->missing_ms_max, 200); // what the first process had not written yet
  CAF_CHECK_EQUAL(length_ms(), 6000u);
  for (const uint64_t base : {0u, 3000u}) {
    CAF_CHECK(loud(caller_side, base, base + 500));
    CAF_CHECK(loud(assistant_side, base + 1030, base + 1480));
    CAF_CHECK(silent(assistant_side, base + 1560, base + 2990));
  }
}

CAF_TEST(times that cannot be are not believed) {
  test::call_on_disk call(journal);
  call.caller(0, test::tone(440, 200));
  call.caller(UINT64_MAX / 16, test::tone(440, 20));
  call.end(200);
  CAF_REQUIRE(seal());
  CAF_CHECK_EQUAL(length_ms(), 200u);
}

CAF_TEST(an unusable journal or place is an error and leaves no file) {
  CAF_CHECK(seal().code() == storage_error::not_found);
  test::write_file(journal, std::vector<uint8_t>(1000, 'x'));
  CAF_CHECK(seal().code() == storage_error::corrupt);
  test::write_file(journal, {});
  CAF_CHECK(seal().code() == storage_error::corrupt);
  std::filesystem::remove(journal);
  test::call_on_disk call(journal);
  call.end(100);
  for (const auto* path : {"../x.wav", "/tmp/x.wav", "a/../../x.wav", "", ".."}) {
    auto bad = request();
    bad.wav_path = path;
    CAF_CHECK(seal_recording(bad).code() == storage_error::bad_argument);
  }
  ::chmod(root.path().c_str(), 0555);
  ::chmod(journal.c_str(), 0644);
  {
    test::without_privilege user;
    CAF_CHECK(seal().code() == storage_error::read_only);
  }
  ::chmod(root.path().c_str(), 0755);
  CAF_CHECK(seal());
}

CAF_TEST(a click every second stays aligned on both sides for half an hour) {
  constexpr uint64_t seconds = 30 * 60;
  {
    test::call_on_disk call(journal);
    call.echo_late_ms = 40;
    audio::byte_buffer second(8000, audio::ulaw_silence);
    std::fill_n(second.begin(), 16, audio::ulaw_encode(20000)); // 2 ms at its beginning
    uint32_t item = 0;
    for (uint64_t s = 0; s < seconds; ++s) {
      if (s % 20 == 0) {
        item = call.open(s * 1000, "item_" + std::to_string(s));
      }
      call.assistant(s * 1000, item, second);
      call.caller(s * 1000, second);
      if (s % 20 == 19) {
        call.done(s * 1000 + 1, item);
      }
    }
    call.end(seconds * 1000);
  }
  CAF_REQUIRE(seal());
  CAF_CHECK_EQUAL(length_ms(), seconds * 1000);
  for (const auto which : {caller_side, assistant_side}) {
    uint64_t clicks = 0;
    int64_t worst_ms = 0;
    for (uint64_t i = 0; i < clip.info.frames; ++i) {
      if (sample(which, i) > 10000) {
        const auto off = static_cast<int64_t>((i / frames_per_ms + 500) % 1000) - 500;
        worst_ms = std::max(worst_ms, std::abs(off));
        ++clicks;
        i += 100 * frames_per_ms;
      }
    }
    CAF_CHECK_EQUAL(clicks, seconds);
    CAF_CHECK_LESS(worst_ms, 20);
    CAF_MESSAGE("worst offset of a click: " << worst_ms << " ms");
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
