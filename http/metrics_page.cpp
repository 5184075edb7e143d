#include "http/metrics_page.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <sstream>

namespace switchboard::http {

using prometheus::ClientMetric;
using prometheus::MetricType;

struct metrics_page::inner {
  std::vector<prometheus::MetricFamily> families;
  double scale = 1; // of the last family

  void begin(const char* name, const char* help, MetricType type) {
    prometheus::MetricFamily fresh;
    fresh.name = name;
    fresh.help = help;
    fresh.type = type;
    families.push_back(std::move(fresh));
  }
  ClientMetric& sample(labels&& tags) {
    auto& samples = families.back().metric;
    samples.emplace_back();
    for (auto& [name, value] : tags)
      samples.back().label.push_back({std::move(name), std::move(value)});
    return samples.back();
  }
};

metrics_page::metrics_page() : inner_(std::make_unique<inner>()) {}
metrics_page::~metrics_page() = default;

void metrics_page::counters(const char* name, const char* help) {
  inner_->begin(name, help, MetricType::Counter);
}

void metrics_page::gauges(const char* name, const char* help) {
  inner_->begin(name, help, MetricType::Gauge);
}

void metrics_page::histograms(const char* name, const char* help, double scale) {
  inner_->begin(name, help, MetricType::Histogram);
  inner_->scale = scale;
}

void metrics_page::add(double value, labels tags) {
  auto& made = inner_->sample(std::move(tags));
  if (inner_->families.back().type == MetricType::Counter)
    made.counter.value = value;
  else
    made.gauge.value = value;
}

void metrics_page::add(const actors::histogram& values, labels tags) {
  auto& made = inner_->sample(std::move(tags)).histogram;
  uint64_t below = 0;
  for (size_t i = 0; i <= values.buckets(); ++i) {
    below += values.count(i);
    const double bound = i < values.buckets() ? static_cast<double>(values.bound(i)) / inner_->scale
                                              : std::numeric_limits<double>::infinity();
    made.bucket.push_back({below, bound});
  }
  made.sample_count = below;
  made.sample_sum = static_cast<double>(values.sum()) / inner_->scale;
}

std::string metrics_page::text() const {
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, inner_->families);
  return out.str();
}

} // namespace switchboard::http
