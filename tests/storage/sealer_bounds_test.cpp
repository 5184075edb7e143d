#define CAF_SUITE sealer_bounds
#define FAIL CAF_FAIL
#include "audio/wav.hpp"
#include "conf/defaults/storage.hpp"
#include "storage/sealer.hpp"
#include "tests/storage/call_on_disk.hpp"
#include "tests/storage/temporary_directory.hpp"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>

#include <caf/test/dsl.hpp>

// What this program holds of the heap at once, counted while it is told to.
namespace {

std::atomic<bool> counting{false};
std::atomic<int64_t> held_bytes{0};
std::atomic<int64_t> peak_bytes{0};

void count(int64_t bytes) {
  const auto held = held_bytes.fetch_add(bytes) + bytes;
  if (held > peak_bytes.load())
    peak_bytes = held;
}

} // namespace

void* operator new(std::size_t size) {
  void* made = std::malloc(size == 0 ? 1 : size);
  if (made == nullptr)
    throw std::bad_alloc{};
  if (counting.load(std::memory_order_relaxed))
    count(static_cast<int64_t>(malloc_usable_size(made)));
  return made;
}
void operator delete(void* gone) noexcept {
  if (counting.load(std::memory_order_relaxed))
    count(-static_cast<int64_t>(malloc_usable_size(gone)));
  std::free(gone);
}
void operator delete(void* gone, std::size_t) noexcept {
  operator delete(gone);
}

using namespace switchboard;
using namespace switchboard::storage;
namespace limits = defaults::storage;

namespace {

constexpr int64_t kib = 1024;

struct fixture {
  test::temporary_directory root;
  std::string journal = root / "call.journal";
  std::string wav = root / "recordings/call.wav";

  seal_request request() const {
    seal_request x;
    x.journal_path = journal;
    x.storage_path = root / "recordings";
    x.wav_path = "call.wav";
    x.call_id = "id";
    return x;
  }

  /// Seals, and @returns the most memory that took at once.
  int64_t peak_of_sealing(uint64_t expected_ms) {
    held_bytes = 0;
    peak_bytes = 0;
    counting = true;
    const auto row = seal_recording(request());
    counting = false;
    CAF_REQUIRE(row);
    CAF_CHECK_EQUAL(row->duration_s, static_cast<double>(expected_ms) / 1000);
    return peak_bytes;
  }

  /// A call of both sides without a pause, an answer of 10 s after another, each sent at once.
  void talk_for(uint64_t minutes) {
    std::filesystem::remove(journal);
    test::call_on_disk call(journal);
    const auto second = test::tone(440, 1000);
    const auto answer = test::tone(600, 10'000);
    const auto seconds = minutes * 60;
    for (uint64_t s = 0; s < seconds; ++s) {
      if (s % 10 == 0) {
        const auto item = call.open(s * 1000, "item_" + std::to_string(s));
        call.assistant(s * 1000, item, answer);
        call.done(s * 1000, item);
      }
      call.advance((s + 1) * 1000);
      call.caller(s * 1000, second);
    }
    call.end(seconds * 1000);
  }

  std::string form_of_wav() const {
    std::string form(4, '\0');
    std::ifstream{wav, std::ios::binary}.read(form.data(), 4);
    return form;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sealer_bounds_tests, fixture)

/// SWITCHBOARD_SEAL_MINUTES=240 seals the longest call that the carrier allows (a WAV of 920 MB);
/// 1200 are more than 4 GiB.
CAF_TEST(sealing a long call takes no more memory than sealing a short one) {
  const char* wanted = std::getenv("SWITCHBOARD_SEAL_MINUTES");
  const uint64_t minutes = wanted == nullptr ? 12 : std::strtoull(wanted, nullptr, 10);
  talk_for(1);
  const auto short_peak = peak_of_sealing(60'000);
  talk_for(minutes);
  const auto long_peak = peak_of_sealing(minutes * 60'000);
  CAF_MESSAGE("1 min: " << short_peak / kib << " KiB, " << minutes << " min: " << long_peak / kib
                        << " KiB");
  CAF_CHECK_GREATER(short_peak, 64 * kib); // what is counted is the sealer's
  // Items are remembered up to a bound, of which six hours' stay below 256 KiB with all else; audio
  // is not kept at all.
  const auto items = static_cast<int64_t>(std::min<uint64_t>(minutes * 6, limits::seal_items_max));
  CAF_CHECK_LESS(long_peak, short_peak + 192 * kib + items * 64);
  const auto size_bytes = std::filesystem::file_size(wav);
  CAF_CHECK_GREATER(size_bytes, minutes * 60 * 16'000 * 4);
  CAF_CHECK_EQUAL(form_of_wav(), size_bytes > uint64_t{1} << 32 ? "RF64" : "RIFF");
}

CAF_TEST(a model that is never heard out takes memory up to its bound and is sealed all the same) {
  {
    audio::byte_buffer bytes;
    append_journal_header(bytes);
    fact x;
    x.type = fact_type::agent_audio;
    x.bytes = audio::byte_view(std::string_view("12345678")); // 1 ms
    for (size_t i = 0; i < limits::seal_pieces_max + 50'000; ++i) {
      x.item = static_cast<uint32_t>(i / 8); // also more items than are known at once
      append_fact(bytes, x);
    }
    fact end;
    end.type = fact_type::call_ended;
    end.at_ms = 2'000;
    append_fact(bytes, end);
    test::write_file(journal, bytes);
  }
  const auto peak = peak_of_sealing(2'000);
  CAF_MESSAGE("peak: " << peak / kib << " KiB");
  CAF_CHECK_LESS(peak, 16 * 1024 * kib);
}

CAF_TEST(beyond the lengths of 32 bits the recording is RF64 and read like any other) {
  {
    test::call_on_disk call(journal);
    call.caller(0, test::tone(440, 3'000));
    call.end(3'000);
  }
  auto wanted = request();
  CAF_REQUIRE(seal_recording(wanted));
  CAF_CHECK_EQUAL(form_of_wav(), "RIFF");
  std::string why;
  const auto plain = audio::read_wav(wav, why);
  CAF_REQUIRE(plain);
  const uint64_t samples_bytes = 3'000 * 16 * 2 * sizeof(int16_t);
  wanted.plain_wav_bytes_max = samples_bytes; // fits exactly
  CAF_REQUIRE(seal_recording(wanted));
  CAF_CHECK_EQUAL(form_of_wav(), "RIFF");
  wanted.plain_wav_bytes_max = samples_bytes - 1;
  const auto row = seal_recording(wanted);
  CAF_REQUIRE(row);
  CAF_CHECK_EQUAL(form_of_wav(), "RF64");
  CAF_CHECK_EQUAL(row->size_bytes, static_cast<int64_t>(std::filesystem::file_size(wav)));
  const auto large = audio::read_wav(wav, why);
  CAF_REQUIRE(large);
  CAF_CHECK_EQUAL(large->info.duration_ms(), 3'000u);
  CAF_CHECK_EQUAL(large->info.channels, 2);
  CAF_CHECK(large->samples == plain->samples);
}

CAF_TEST_FIXTURE_SCOPE_END()
