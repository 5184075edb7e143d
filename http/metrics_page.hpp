#pragma once

#include "actors/histogram.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace switchboard::http {

/// Collects metric families and renders them in the Prometheus text format 0.0.4. The values come
/// from elsewhere; this only knows the format (through prometheus-cpp).
class metrics_page {
public:
  using labels = std::vector<std::pair<std::string, std::string>>;

  metrics_page();
  ~metrics_page();

  /// Starts a family; samples that follow are its own. A family without samples is shown, too.
  void counters(const char* name, const char* help);
  void gauges(const char* name, const char* help);
  /// @param scale what one exported unit has of the histogram's own (1e6: us shown as seconds).
  void histograms(const char* name, const char* help, double scale);

  void add(double value, labels tags = {});
  void add(const actors::histogram& values, labels tags = {});

  std::string text() const;

private:
  struct inner;
  std::unique_ptr<inner> inner_;
};

} // namespace switchboard::http
