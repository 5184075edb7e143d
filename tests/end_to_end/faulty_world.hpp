#pragma once

#include "tests/end_to_end/world.hpp"

#include <string>

namespace e2e {

/// A world in which something goes wrong, and what it is told of that.
struct faulty_world : world {
  bool not_ready(const std::string& why) const {
    return wait_until([&] {
      const auto answer = get("/ready");
      return answer.status == 503 && answer.body.find(why) != std::string::npos;
    });
  }
  bool ready() const {
    return wait_until([&] { return get("/ready").status == 200; });
  }
  process watch_events(const std::string& file) const {
    return {"/usr/bin/curl", {"-sN", url("/api/status")}, {{"PATH", "/usr/bin"}}, path(file)};
  }
  bool told(const std::string& file, const std::string& code) const {
    return wait_until([&] {
      return read_file(path(file)).find("\"code\":\"" + code + "\"") != std::string::npos;
    });
  }
};

} // namespace e2e
