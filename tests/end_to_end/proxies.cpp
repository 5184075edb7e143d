#include "tests/end_to_end/proxies.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace e2e {

namespace {

std::string here(uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

void run(const std::string& directory, const std::string& program, const texts& arguments) {
  process step{program, arguments, {{"PATH", "/usr/bin:/bin"}}, directory + "/setup.log"};
  if (step.wait(seconds{30}) != 0)
    throw std::runtime_error{program + " failed: " + read_file(directory + "/setup.log")};
}

} // namespace

/// An authority, and with it a certificate for localhost that both the proxy and the model use.
void proxied_world::make_certificates() {
  const auto openssl = "/usr/bin/openssl";
  run(path(""), openssl,
      {"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority",
       "-keyout", path("ca.key"), "-out", path("ca.pem"), "-addext",
       "keyUsage=critical,keyCertSign,cRLSign"});
  run(path(""), openssl,
      {"req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout",
       path("site.key"), "-out", path("site.csr")});
  std::ofstream{path("site.ext")} << "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
                                     "basicConstraints=CA:FALSE\n";
  run(path(""), openssl,
      {"x509", "-req", "-in", path("site.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
       "-CAcreateserial", "-days", "2", "-extfile", path("site.ext"), "-out", path("site.pem")});
  ca_file = path("ca.pem");
}

void proxied_world::start_behind_proxy(const variables& more) {
  make_certificates();
  start_model({"--tls-cert", path("site.pem"), "--tls-key", path("site.key")});
  proxy_port_ = free_port();
  voice_webhook = public_url("/twilio/incoming-call");
  variables settings{{"APP_ENV", "production"},
                     {"PUBLIC_URL", public_url()},
                     {"TRUST_PROXY", "true"},
                     {"API_TOKENS", std::string{"ops:"} + ops_token},
                     {"OPENAI_CA_FILE", ca_file}};
  for (auto& [name, value] : more)
    settings[name] = value;
  start_server(settings);
}

/// A file of conf/ with each of `changes` made, which must be there.
std::string proxied_world::sample(const std::string& file,
                                  const std::map<std::string, std::string>& changes) const {
  auto text = read_file(std::string{SWITCHBOARD_SOURCE_DIR "/conf/"} + file);
  for (auto& [from, to] : changes) {
    auto at = text.find(from);
    if (at == std::string::npos)
      throw std::runtime_error{"conf/" + file + " has no " + from};
    for (; at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  }
  return text;
}

void proxied_world::wait_for_proxy() {
  if (!wait_until(
          [this] { return get(public_url("/health")).status == 200 || !proxy.running(); }) ||
      !proxy.running())
    throw std::runtime_error{"no proxy: " + read_file(path("proxy.log"))};
}

void proxied_world::start_nginx() {
  std::ofstream{path("switchboard.conf")} << sample(
      "nginx.switchboard.conf", {{"server 127.0.0.1:3000;", "server " + here(port()) + ";"},
                                 {"listen 80;", "listen " + here(free_port()) + ";"},
                                 {"listen 443 ssl;", "listen " + here(proxy_port_) + " ssl;"},
                                 {"server_name calls.example.com;", "server_name localhost;"},
                                 {"/etc/ssl/certs/calls.example.com.pem", path("site.pem")},
                                 {"/etc/ssl/private/calls.example.com.key", path("site.key")},
                                 {"/var/log/nginx/switchboard.log", path("access.log")}});
  std::ofstream{path("nginx.conf")}
      << "daemon off; master_process off; pid " << path("nginx.pid") << ";\n"
      << "events { worker_connections 1024; }\nhttp {\n  access_log off;\n"
      << "  client_body_temp_path " << path("body") << "; proxy_temp_path " << path("proxied")
      << ";\n  fastcgi_temp_path " << path("f") << "; uwsgi_temp_path " << path("u")
      << "; scgi_temp_path " << path("s") << ";\n  include " << path("switchboard.conf")
      << ";\n}\n";
  proxy = process{"/usr/sbin/nginx",
                  {"-e", path("proxy.log"), "-c", path("nginx.conf")},
                  {{"PATH", "/usr/bin:/bin"}},
                  path("proxy.log")};
  wait_for_proxy();
}

void proxied_world::start_caddy() {
  std::ofstream{path("Caddyfile")}
      << "{\n\tadmin off\n\tauto_https off\n}\n"
      << sample("Caddyfile",
                {{"\ncalls.example.com {", "\n" + public_url() + " {\n\ttls " + path("site.pem") +
                                               " " + path("site.key") + "\n"},
                 {"127.0.0.1:3000", here(port())},
                 {"/var/log/caddy/switchboard.log", path("access.log")}});
  proxy = process{"/usr/bin/caddy",
                  {"run", "--config", path("Caddyfile"), "--adapter", "caddyfile"},
                  {{"PATH", "/usr/bin:/bin"}, {"HOME", path("")}},
                  path("proxy.log")};
  wait_for_proxy();
}

std::string proxied_world::public_url(const std::string& target) const {
  return "https://localhost:" + std::to_string(proxy_port_) + target;
}

texts proxied_world::carrier_options(texts options) const {
  options.insert(options.end(), {"--ca-file", ca_file});
  return options;
}

http_answer proxied_world::ask(const std::string& target, texts headers) const {
  headers.push_back(std::string{"Authorization: Bearer "} + ops_token);
  return get(public_url(target), headers);
}

process proxied_world::listen_to_events(const std::string& name) const {
  return {"/usr/bin/curl",
          {"-sN", "--cacert", ca_file, "-H", std::string{"Authorization: Bearer "} + ops_token,
           public_url("/api/status")},
          {{"PATH", "/usr/bin:/bin"}},
          path(name)};
}

} // namespace e2e
