#define CAF_SUITE resampler
#define FAIL CAF_FAIL
#include "audio/resampler.hpp"

#include <cmath>
#include <random>

#include <caf/test/dsl.hpp>

using namespace switchboard::audio;

namespace {

constexpr double amplitude = 12000.0;
constexpr std::pair<int, int> rates[] = {
    {8000, 16000}, {8000, 24000}, {24000, 8000}, {16000, 8000}};

std::vector<double> tone(int rate_hz, double tone_hz, size_t samples) {
  std::vector<double> out(samples);
  for (size_t i = 0; i < samples; ++i) {
    out[i] = amplitude * std::sin(2.0 * M_PI * tone_hz * static_cast<double>(i) / rate_hz);
  }
  return out;
}

std::vector<int16_t> rounded(const std::vector<double>& signal) {
  std::vector<int16_t> out;
  for (const double s : signal) {
    out.push_back(static_cast<int16_t>(std::lround(s)));
  }
  return out;
}

std::vector<int16_t> convert(resampler& r, const std::vector<int16_t>& in, std::mt19937& random,
                             size_t chunk_max) {
  std::vector<int16_t> out;
  for (size_t at = 0; at < in.size();) {
    const size_t count = std::min(in.size() - at, 1 + random() % chunk_max);
    r.process(in.data() + at, count, out);
    at += count;
  }
  r.flush(out);
  return out;
}

/// SNR in dB against the ideal tone, in time with the input; 20 ms at both ends are left out.
double snr_db(const std::vector<int16_t>& got, const std::vector<double>& ideal, int rate_hz) {
  const auto edge = static_cast<size_t>(rate_hz / 50);
  double signal = 0;
  double noise = 0;
  for (size_t i = edge; i + edge < std::min(got.size(), ideal.size()); ++i) {
    signal += ideal[i] * ideal[i];
    noise += (got[i] - ideal[i]) * (got[i] - ideal[i]);
  }
  return 10.0 * std::log10(signal / noise);
}

} // namespace

CAF_TEST(a tone keeps 40 dB and its place in time whatever the chunks) {
  std::mt19937 random{7};
  for (const auto& [from, to] : rates) {
    for (const double hz : {300.0, 1000.0, 2500.0}) {
      auto r = resampler::create(from, to);
      CAF_REQUIRE(r);
      const auto in = rounded(tone(from, hz, static_cast<size_t>(from)));
      const auto out = convert(*r, in, random, 700);
      const double snr = snr_db(out, tone(to, hz, static_cast<size_t>(to)), to);
      CAF_MESSAGE(from << " -> " << to << " Hz, " << hz << " Hz: " << snr << " dB");
      CAF_CHECK(snr > 40.0);
    }
  }
}

CAF_TEST(the output does not depend on the chunks) {
  std::mt19937 random{8};
  for (const auto& [from, to] : rates) {
    std::vector<int16_t> in(static_cast<size_t>(from));
    for (auto& s : in) {
      s = static_cast<int16_t>(random());
    }
    auto r = resampler::create(from, to);
    const auto whole = convert(*r, in, random, in.size() * 1000);
    for (const size_t chunk_max : {1u, 3u, 160u, 5000u}) {
      CAF_CHECK(convert(*r, in, random, chunk_max) == whole); // one resampler, signal after signal
    }
  }
}

CAF_TEST(the length is the input times the ratio for any input) {
  std::mt19937 random{9};
  for (const auto& [from, to] : rates) {
    auto r = resampler::create(from, to);
    for (size_t samples = 0; samples < 500; ++samples) {
      const std::vector<int16_t> in(samples, 1000);
      const auto due = static_cast<size_t>(std::llround(static_cast<double>(samples) * to / from));
      CAF_REQUIRE_EQUAL(convert(*r, in, random, 200).size(), due);
    }
  }
}

CAF_TEST(what cannot be heard after downsampling is removed) {
  std::mt19937 random{10};
  auto r = resampler::create(24000, 8000);
  const auto out = convert(*r, rounded(tone(24000, 6000, 24000)), random, 480);
  double energy = 0;
  for (size_t i = 160; i + 160 < out.size(); ++i) {
    energy += double{1} * out[i] * out[i];
  }
  const double rms = std::sqrt(energy / static_cast<double>(out.size()));
  CAF_CHECK(rms < amplitude / 300); // -50 dB
}

CAF_TEST(equal rates pass samples through) {
  auto r = resampler::create(8000, 8000);
  CAF_REQUIRE(r);
  std::vector<int16_t> out;
  const std::vector<int16_t> in{1, -2, 3};
  r->process(in.data(), in.size(), out);
  r->flush(out);
  CAF_CHECK(out == in);
}

CAF_TEST(implausible rates are refused) {
  CAF_CHECK(!resampler::create(0, 8000));
  CAF_CHECK(!resampler::create(8000, -1));
  CAF_CHECK(!resampler::create(8000, 1000000));
}
