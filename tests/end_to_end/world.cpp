#include "tests/end_to_end/world.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace e2e {

namespace {

size_t collect_body(char* data, size_t size, size_t count, void* into) {
  static_cast<std::string*>(into)->append(data, size * count);
  return size * count;
}

size_t collect_header(char* data, size_t size, size_t count, void* into) {
  const std::string line(data, size * count);
  const auto colon = line.find(':');
  if (colon != std::string::npos) {
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    auto value = line.substr(colon + 1);
    value.erase(0, value.find_first_not_of(' '));
    value.erase(value.find_last_not_of("\r\n") + 1);
    (*static_cast<std::map<std::string, std::string>*>(into))[name] = value;
  }
  return size * count;
}

} // namespace

world::world() {
  char name[] = "/tmp/switchboard-e2e-XXXXXX";
  if (mkdtemp(name) == nullptr)
    throw std::runtime_error{"no temporary directory"};
  directory_ = name;
}

world::~world() {
  carriers_.clear();
  server = process{};
  model = process{};
  if (std::getenv("KEEP_E2E") != nullptr) {
    std::fprintf(stderr, "kept: %s\n", directory_.c_str());
    return;
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string world::speech(const std::string& name) {
  return std::string{SWITCHBOARD_SOURCE_DIR "/tests/data/speech/"} + name;
}

std::string world::binary(const std::string& name) {
  return std::string{SWITCHBOARD_BINARY_DIR "/bin/"} + name;
}

uint16_t world::wait_for_port(const std::string& file, process& program) const {
  wait_until([&] { return !read_file(file).empty() || !program.running(); });
  const auto text = read_file(file);
  if (text.empty())
    throw std::runtime_error{"no port in " + file + ": " + server_log()};
  return static_cast<uint16_t>(std::stoi(text));
}

void world::start_model(const texts& options) {
  texts all{"--port",      "0",
            "--port-file", path("model.port"),
            "--script",    script,
            "--report",    path("model.json"),
            "--log",       path("model-events.log")};
  all.insert(all.end(), options.begin(), options.end());
  model_tls_ = std::find(options.begin(), options.end(), "--tls-cert") != options.end();
  model = process{binary("openai-sim"), all, {{"PATH", "/usr/bin:/bin"}}, path("model.log")};
  model_port_ = wait_for_port(path("model.port"), model);
}

void world::start_server(const variables& settings) {
  std::filesystem::remove(path("server.port"));
  variables all{
      {"APP_ENV", "test"},
      {"PORT", "0"},
      {"TWILIO_ACCOUNT_SID", account},
      {"TWILIO_AUTH_TOKEN", auth_token},
      {"TWILIO_PHONE_NUMBER", "+15550100002"},
      {"TWILIO_API_URL", "https://127.0.0.1:9"}, // nobody listens; a test that needs it says where
      {"OPENAI_API_KEY", "end-to-end"},
      {"OPENAI_REALTIME_URL", std::string{model_tls_ ? "wss" : "ws"} +
                                  "://127.0.0.1:" + std::to_string(model_port_) + "/v1/realtime"},
      {"DATABASE_URL", "file:" + path("data/switchboard.db")},
      {"RECORDING_STORAGE_PATH", path("data/recordings")},
      {"LOG_LEVEL", "http"},
      {"LOG_FORMAT", "json"},
  };
  for (auto& [name, value] : settings)
    all[name] = value;
  texts command = run_server_by;
  for (const auto& part : {binary("switchboard"), std::string{"serve"}, std::string{"--port-file"},
                           path("server.port")})
    command.push_back(part);
  server = process{command[0], {command.begin() + 1, command.end()}, all, path("server.log")};
  port_ = wait_for_port(path("server.port"), server);
}

void world::start_calls(const std::string& name, const texts& options) {
  texts all{"--url",         voice_webhook.empty() ? url("/twilio/incoming-call") : voice_webhook,
            "--account-sid", account,
            "--auth-token",  auth_token,
            "--report",      path(name + ".json")};
  all.insert(all.end(), options.begin(), options.end());
  carriers_[name] =
      process{binary("twilio-sim"), all, {{"PATH", "/usr/bin:/bin"}}, path(name + ".log")};
}

int world::finish_calls(const std::string& name, seconds patience) {
  const int code = carriers_[name].wait(patience);
  carriers_.erase(name);
  return code;
}

int world::place_calls(const std::string& name, const texts& options) {
  start_calls(name, options);
  return finish_calls(name);
}

int world::stop_server(seconds patience) {
  server.signal(SIGTERM);
  return server.wait(patience);
}

int world::stop_model() {
  model.signal(SIGTERM);
  return model.wait(seconds{15});
}

json world::report(const std::string& name) const {
  return json::parse(read_file(path(name + ".json")), nullptr, false);
}

json world::model_report() {
  stop_model();
  return json::parse(read_file(path("model.json")), nullptr, false);
}

std::string world::url(const std::string& target) const {
  return "http://127.0.0.1:" + std::to_string(port_) + target;
}

http_answer world::request(const std::string& target, const std::string* body,
                           const texts& headers) const {
  http_answer answer;
  CURL* curl = curl_easy_init();
  curl_slist* list = nullptr;
  for (auto& header : headers)
    list = curl_slist_append(list, header.c_str());
  const auto full = target.rfind("http", 0) == 0 ? target : url(target);
  curl_easy_setopt(curl, CURLOPT_URL, full.c_str());
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  if (!ca_file.empty())
    curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &collect_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &collect_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer.headers);
  if (body != nullptr) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body->size()));
  }
  long status = 0;
  if (curl_easy_perform(curl) == CURLE_OK)
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  curl_slist_free_all(list);
  curl_easy_cleanup(curl);
  return answer;
}

http_answer world::get(const std::string& target, const texts& headers) const {
  return request(target, nullptr, headers);
}

http_answer world::post(const std::string& target, const std::string& body,
                        const texts& headers) const {
  return request(target, &body, headers);
}

double world::metric(const std::string& sample, const texts& headers) const {
  const auto page = get("/metrics", headers).body;
  const auto at = page.find("\n" + sample + " ");
  return at == std::string::npos ? -1 : std::stod(page.substr(at + sample.size() + 2));
}

json world::calls() const {
  json rows = json::array();
  // A server in trouble may be busy (503) or late for once; what it refuses it refuses again.
  wait_until([&] {
    const auto answer = get("/api/calls?limit=100");
    auto parsed = json::parse(answer.body, nullptr, false);
    if (answer.status == 200 && parsed.is_object() && parsed["data"].is_array())
      rows = std::move(parsed["data"]);
    return answer.status != 0 && answer.status != 503;
  });
  return rows;
}

int world::active_calls() const {
  const auto parsed = json::parse(get("/health").body, nullptr, false);
  return parsed.is_object() ? parsed.value("activeCalls", -1) : -1;
}

bool world::wait_for_recordings(size_t count, seconds patience) const {
  return wait_until(
      [&] {
        const auto rows = calls();
        return rows.size() == count && std::all_of(rows.begin(), rows.end(), [](const json& call) {
                 return call["status"] != "active" && call["recordings"].size() == 1;
               });
      },
      patience);
}

uint16_t free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  close(fd);
  if (!bound)
    throw std::runtime_error{"no free port"};
  return ntohs(at.sin_port);
}

texts three_turns() {
  return {"--turns",
          world::speech("caller_1.wav") + "," + world::speech("caller_2.wav") + "," +
              world::speech("caller_3.wav"),
          "--hangup-after-turns", "1"};
}

} // namespace e2e
