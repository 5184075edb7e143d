#define CAF_SUITE model_codec
#define FAIL CAF_FAIL
#include "actors/model_codec.hpp"
#include "audio/g711.hpp"

#include <cmath>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::actors;

namespace {

audio::byte_buffer tone(double hz, size_t samples) {
  std::vector<int16_t> pcm(samples);
  for (size_t i = 0; i < samples; ++i)
    pcm[i] = static_cast<int16_t>(8000 * std::sin(2 * M_PI * hz * static_cast<double>(i) / 8000.0));
  audio::byte_buffer out(samples);
  audio::ulaw_encode(pcm.data(), pcm.size(), out.data());
  return out;
}

/// How far a tone stands above everything else, in dB: least squares against sine and cosine.
double tone_snr_db(const audio::byte_buffer& ulaw, double hz, size_t skip) {
  std::vector<int16_t> pcm(ulaw.size());
  audio::ulaw_decode(ulaw, pcm.data());
  double s = 0, c = 0, n = 0;
  for (size_t i = skip; i + skip < pcm.size(); ++i, ++n) {
    const double at = 2 * M_PI * hz * static_cast<double>(i) / 8000.0;
    s += pcm[i] * std::sin(at);
    c += pcm[i] * std::cos(at);
  }
  s *= 2 / n;
  c *= 2 / n;
  double signal = 0, noise = 0;
  for (size_t i = skip; i + skip < pcm.size(); ++i) {
    const double at = 2 * M_PI * hz * static_cast<double>(i) / 8000.0;
    const double fit = s * std::sin(at) + c * std::cos(at);
    signal += fit * fit;
    noise += (pcm[i] - fit) * (pcm[i] - fit);
  }
  return 10 * std::log10(signal / noise);
}

void add(audio::byte_buffer& to, audio::byte_view more) {
  to.insert(to.end(), more.begin(), more.end());
}

} // namespace

CAF_TEST(pcmu passes through untouched) {
  model_audio_codec codec{true};
  const auto sound = tone(440, 320);
  const auto up = codec.to_model(sound);
  CAF_CHECK(std::equal(up.begin(), up.end(), sound.begin(), sound.end()));
  const auto down = codec.from_model(sound);
  CAF_CHECK(std::equal(down.begin(), down.end(), sound.begin(), sound.end()));
  CAF_CHECK_EQUAL(codec.end_of_item().size, 0u);
}

CAF_TEST(a tone survives the way to 24 kHz and back in frames) {
  model_audio_codec codec{false};
  const auto sound = tone(1000, 16'000);
  audio::byte_buffer at_model, back;
  for (size_t i = 0; i < sound.size(); i += 160)
    add(at_model, codec.to_model(audio::byte_view{sound.data() + i, 160}));
  for (size_t i = 0; i < at_model.size(); i += 4800)
    add(back, codec.from_model(audio::byte_view{at_model.data() + i,
                                                std::min<size_t>(4800, at_model.size() - i)}));
  add(back, codec.end_of_item());
  CAF_CHECK_GREATER(at_model.size(), 6u * 15'800);
  CAF_CHECK_GREATER(back.size(), 15'800u);
  CAF_CHECK_LESS_OR_EQUAL(back.size(), 16'100u);
  // Two passes of mu-law at about 37 dB each set the limit, not the filters.
  CAF_CHECK_GREATER(tone_snr_db(back, 1000, 400), 30.0);
}

CAF_TEST(deltas split at any byte give the same samples) {
  const auto sound = tone(700, 8000);
  model_audio_codec up{false};
  audio::byte_buffer at_model;
  add(at_model, up.to_model(sound));
  model_audio_codec whole{false}, torn{false};
  audio::byte_buffer expected, got;
  add(expected, whole.from_model(at_model));
  add(expected, whole.end_of_item());
  size_t length = 1;
  for (size_t i = 0; i < at_model.size(); i += length, length = length % 997 + 2)
    add(got, torn.from_model(
                 audio::byte_view{at_model.data() + i, std::min(length, at_model.size() - i)}));
  add(got, torn.end_of_item());
  CAF_CHECK_EQUAL(got.size(), expected.size());
  CAF_CHECK_GREATER(tone_snr_db(got, 700, 400), 30.0);
}

CAF_TEST(half a sample at the end of an item does not shift the next one) {
  model_audio_codec codec{false}, fresh{false};
  const audio::byte_buffer odd(4801, 0x10);
  codec.from_model(odd);
  codec.end_of_item();
  audio::byte_buffer second(9600);
  for (size_t i = 0; i < second.size(); i += 2)
    second[i + 1] = 0x10; // a constant whose bytes differ
  audio::byte_buffer a, b;
  add(a, codec.from_model(second));
  add(b, fresh.from_model(second));
  CAF_CHECK_EQUAL(a.size(), b.size());
  CAF_CHECK(a == b);
}
