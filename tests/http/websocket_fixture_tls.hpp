#pragma once

#include <memory>
#include <string>

namespace switchboard::http::testing {

struct certificate {
  std::string certificate_pem;
  std::string key_pem;
};

/// A self-signed certificate authority with an EC key.
certificate make_authority(const std::string& name);

/// A server certificate.
/// @param alternative_names as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1".
/// @param valid_from_days,valid_to_days relative to today.
certificate make_certificate(const certificate& authority, const std::string& alternative_names,
                             int valid_from_days = -1, int valid_to_days = 30);

/// A file in a directory of its own under /tmp, removed at the end.
class temporary_file {
public:
  explicit temporary_file(const std::string& content);
  ~temporary_file();
  const std::string& path() const { return path_; }

private:
  std::string directory_;
  std::string path_;
};

} // namespace switchboard::http::testing
