#define CAF_SUITE wav
#define FAIL CAF_FAIL
#include "audio/wav.hpp"
#include "tests/audio/temp_dir.hpp"

#include <fstream>
#include <iterator>

#include <caf/test/dsl.hpp>

using namespace switchboard::audio;

namespace {

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

uint32_t le32(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 4; i > 0; --i) {
    value = value << 8 | static_cast<uint8_t>(bytes.at(at + i - 1));
  }
  return value;
}

} // namespace

CAF_TEST(a file reads back as it was written) {
  test::temp_dir dir;
  std::string error;
  auto writer = wav_writer::open(dir.file("a.wav"), 16000, 2, error);
  CAF_REQUIRE(writer);
  std::vector<int16_t> samples;
  for (int i = 0; i < 3200; ++i) {
    samples.push_back(static_cast<int16_t>(i * 7 - 9000));
  }
  CAF_CHECK(writer->write(samples.data(), 1000));
  CAF_CHECK(writer->write(samples.data() + 2000, 600));
  CAF_CHECK_EQUAL(writer->frames_written(), 1600u);
  CAF_CHECK(writer->close());
  CAF_CHECK(writer->close());
  CAF_CHECK(!writer->write(samples.data(), 1));
  const auto clip = read_wav(dir.file("a.wav"), error);
  CAF_REQUIRE(clip);
  CAF_CHECK_EQUAL(clip->info.sample_rate_hz, 16000);
  CAF_CHECK_EQUAL(clip->info.channels, 2);
  CAF_CHECK_EQUAL(clip->info.frames, 1600u);
  CAF_CHECK_EQUAL(clip->info.duration_ms(), 100u);
  CAF_CHECK(clip->samples == samples);
}

CAF_TEST(a file under 4 GiB is plain RIFF WAVE with 16 bit PCM) {
  test::temp_dir dir;
  std::string error;
  const std::vector<int16_t> samples(320, 1);
  auto writer = wav_writer::open(dir.file("a.wav"), 16000, 2, error);
  CAF_REQUIRE(writer);
  CAF_CHECK(writer->write(samples.data(), 160));
  CAF_CHECK(writer->close());
  const auto bytes = slurp(dir.file("a.wav"));
  CAF_CHECK_EQUAL(bytes.substr(0, 4), "RIFF");
  CAF_CHECK_EQUAL(le32(bytes, 4), bytes.size() - 8);
  CAF_CHECK_EQUAL(bytes.substr(8, 4), "WAVE");
  const size_t data = bytes.find("data");
  CAF_REQUIRE(data != std::string::npos);
  CAF_CHECK_EQUAL(le32(bytes, data + 4), 640u);
  CAF_CHECK_EQUAL(bytes.size(), data + 8 + 640);
  CAF_CHECK_EQUAL(le32(bytes, bytes.find("fmt ") + 8), 0x00020001u); // stereo, PCM
}

CAF_TEST(a file that may pass 4 GiB but does not is RIFF all the same) {
  test::temp_dir dir;
  std::string error;
  const std::vector<int16_t> samples(320, 5);
  const uint64_t frames_max = uint64_t{1} << 31;
  auto writer = wav_writer::open(dir.file("a.wav"), 16000, 2, error, frames_max);
  CAF_REQUIRE(writer);
  CAF_CHECK_EQUAL(slurp(dir.file("a.wav")).substr(0, 4), "RF64");
  CAF_CHECK(writer->write(samples.data(), 160));
  CAF_CHECK(writer->close());
  CAF_CHECK_EQUAL(slurp(dir.file("a.wav")).substr(0, 4), "RIFF");
  const auto clip = read_wav(dir.file("a.wav"), error);
  CAF_REQUIRE(clip);
  CAF_CHECK(clip->samples == samples);
}

CAF_TEST(a plain file is never told to grow past 4 GiB) {
  CAF_CHECK(fits_plain_wav(0, 2));
  CAF_CHECK(fits_plain_wav(16000ull * 3600 * 18, 2)); // 18 h of stereo
  CAF_CHECK(!fits_plain_wav(16000ull * 3600 * 19, 2));
  CAF_CHECK(!fits_plain_wav(UINT64_MAX, 1));
  test::temp_dir dir;
  std::string error;
  auto writer = wav_writer::open(dir.file("a.wav"), 16000, 2, error);
  CAF_REQUIRE(writer);
  const int16_t sample = 0;
  CAF_CHECK(!writer->write(&sample, uint64_t{1} << 31)); // refused before it is read
  CAF_CHECK(!writer->close());
}

CAF_TEST(an empty file is valid) {
  test::temp_dir dir;
  std::string error;
  auto writer = wav_writer::open(dir.file("a.wav"), 8000, 1, error);
  CAF_REQUIRE(writer);
  CAF_CHECK(writer->close());
  const auto clip = read_wav(dir.file("a.wav"), error);
  CAF_REQUIRE(clip);
  CAF_CHECK_EQUAL(clip->info.frames, 0u);
}

CAF_TEST(the reader goes on piece by piece) {
  test::temp_dir dir;
  std::string error;
  const std::vector<int16_t> samples(500, 42);
  {
    auto writer = wav_writer::open(dir.file("a.wav"), 8000, 1, error);
    CAF_REQUIRE(writer);
    CAF_CHECK(writer->write(samples.data(), samples.size()));
  } // the destructor closes
  auto reader = wav_reader::open(dir.file("a.wav"), error);
  CAF_REQUIRE(reader);
  std::vector<int16_t> part(300);
  CAF_CHECK_EQUAL(reader->read(part.data(), 300), 300u);
  CAF_CHECK_EQUAL(reader->read(part.data(), 300), 200u);
  CAF_CHECK_EQUAL(reader->read(part.data(), 300), 0u);
}

CAF_TEST(failures are told and not thrown) {
  test::temp_dir dir;
  std::string error;
  CAF_CHECK(!wav_writer::open(dir.file("no/such/dir.wav"), 16000, 2, error));
  CAF_CHECK(!error.empty());
  CAF_CHECK(!wav_writer::open(dir.file("a.wav"), 0, 2, error));
  CAF_CHECK(!error.empty());
  CAF_CHECK(!read_wav(dir.file("missing.wav"), error));
  CAF_CHECK(!error.empty());
  std::ofstream(dir.file("junk.wav")) << "not a sound file, not even nearly one";
  CAF_CHECK(!read_wav(dir.file("junk.wav"), error));
  CAF_CHECK(!error.empty());
}

CAF_TEST(a full disk is reported) {
  std::string error;
  const std::vector<int16_t> samples(1 << 16, 3);
  auto writer = wav_writer::open("/dev/full", 16000, 1, error);
  if (!writer) {
    CAF_CHECK(!error.empty());
    return;
  }
  CAF_CHECK(!writer->write(samples.data(), samples.size()));
  CAF_CHECK(!writer->error().empty());
  CAF_CHECK(!writer->close());
}
