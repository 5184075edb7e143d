#define CAF_SUITE metrics
#define FAIL CAF_FAIL

#include "tests/http/server_fixture.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <caf/test/dsl.hpp>

using namespace switchboard;
using namespace switchboard::http;
using namespace switchboard::http::testing;

namespace {

using names = std::set<std::string>;

std::string file(const std::string& path) {
  std::ifstream in{std::string{SWITCHBOARD_SOURCE_DIR "/"} + path};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Every expression of the dashboard and of the alerts.
std::string expressions() {
  std::string all;
  const auto dashboard = nlohmann::json::parse(file("conf/grafana-dashboard.json"), nullptr, false);
  for (auto& panel : dashboard.value("panels", nlohmann::json::array()))
    for (auto& target : panel.value("targets", nlohmann::json::array()))
      all += target.value("expr", "") + "\n";
  return all + file("conf/alerts.yml");
}

/// Names in expressions, without what a histogram's series append.
names used() {
  names result;
  const auto text = expressions();
  const std::regex word{"(switchboard|process)_[a-z_]+"};
  for (std::sregex_iterator at{text.begin(), text.end(), word}, end; at != end; ++at)
    result.insert(std::regex_replace(at->str(), std::regex{"_(bucket|sum|count)$"}, ""));
  return result;
}

names exposed(const std::string& page) {
  names result;
  std::istringstream lines{page};
  for (std::string line; std::getline(lines, line);)
    if (line.rfind("# TYPE ", 0) == 0)
      result.insert(line.substr(7, line.find(' ', 7) - 7));
  return result;
}

/// The TYPE of each family on the page.
std::map<std::string, std::string> types(const std::string& page) {
  std::map<std::string, std::string> result;
  std::istringstream lines{page};
  for (std::string hash, type, name, kind; lines >> hash;)
    if (hash == "#" && lines >> type >> name >> kind && type == "TYPE")
      result[name] = kind;
  return result;
}

/// Whether a sample of the family, or of its histogram, has the label.
bool has_label(const std::string& page, const std::string& family, const std::string& label) {
  return std::regex_search(page,
                           std::regex{"\n" + family + "(_bucket)?\\{[^}]*\\b" + label + "=\""});
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct fixture {
  running_server node{[](conf::config& c) { c.api_tokens = {{"ops", "0123456789abcdef", true}}; }};
  reply page() { return node.get("/metrics", "Authorization: Bearer 0123456789abcdef\r\n"); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(metrics_tests, fixture)

CAF_TEST(metrics want a token and a read token will do) {
  CAF_CHECK_EQUAL(node.get("/metrics").status, 401);
  auto answer = page();
  CAF_CHECK_EQUAL(answer.status, 200);
  CAF_CHECK_EQUAL(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
}

CAF_TEST(dashboard and alerts name only what the running server exposes) {
  const auto there = exposed(page().body);
  CAF_REQUIRE(!there.empty());
  CAF_REQUIRE(!used().empty());
  for (auto& name : used())
    if (there.count(name) == 0)
      CAF_ERROR("not exposed: " << name);
}

CAF_TEST(dashboard and alerts ask histograms for buckets and families for labels that they have) {
  node.get("/health"); // so that there is a request to show
  const auto page_text = page().body;
  const auto kinds = types(page_text);
  std::istringstream all{expressions()};
  size_t series = 0, labels = 0;
  for (std::string expression; std::getline(all, expression);) {
    const std::regex name{"((switchboard|process)_[a-z_]+?)(_bucket|_sum|_count)?\\b"};
    std::smatch first;
    if (!std::regex_search(expression, first, name))
      continue;
    if (first[3].matched) {
      ++series;
      if (kinds.count(first[1]) == 0 || kinds.at(first[1]) != "histogram")
        CAF_ERROR("no histogram: " << first[0]);
    }
    const std::regex by{"by \\(([a-z_, ]+)\\)"};
    std::smatch grouped;
    if (!std::regex_search(expression, grouped, by))
      continue;
    std::istringstream given{std::regex_replace(grouped[1].str(), std::regex{","}, " ")};
    for (std::string label; given >> label; ++labels)
      if (label != "instance" && !has_label(page_text, first[1], label)) // Prometheus adds that
        CAF_ERROR(first[1] << " has no label " << label);
  }
  CAF_CHECK(series > 5);
  CAF_CHECK(labels > 10);
}

CAF_TEST(everything that the running server exposes is on the dashboard or in an alert) {
  const auto wanted = used();
  for (auto& name : exposed(page().body))
    if (wanted.count(name) == 0)
      CAF_ERROR("exposed and not used: " << name);
}

CAF_TEST(values are those of the node) {
  auto& m = node.state->metrics;
  node.state->active_calls = 7;
  m.calls_in[static_cast<size_t>(actors::call_state::live)] = 5;
  at(m.admissions, actors::admission_result::overloaded) = 3;
  at(m.model_lost, actors::link_end::timed_out) = 2;
  m.model_reconnects[actors::model_leg_died] = 4;
  m.carrier_reconnects[actors::carrier_replaced] = 6;
  m.disk_reads = 9;
  m.turn_latency.observe(400);
  m.turn_latency.observe(20'000);
  node.media_lines[1]->metrics().frame_delay.observe(1'500);
  node.state->line_late[1] = true;
  const auto text = page().body;
  CAF_CHECK(has(text, "switchboard_calls_active 7\n"));
  CAF_CHECK(has(text, "switchboard_calls{state=\"live\"} 5\n"));
  CAF_CHECK(has(text, "switchboard_admissions_total{result=\"overloaded\"} 3\n"));
  CAF_CHECK(
      has(text, "switchboard_connections_lost_total{side=\"model\",reason=\"timed_out\"} 2\n"));
  CAF_CHECK(has(text, "switchboard_reconnects_total{side=\"model\",reason=\"leg_died\"} 4\n"));
  CAF_CHECK(has(text, "switchboard_reconnects_total{side=\"carrier\",reason=\"replaced\"} 6\n"));
  CAF_CHECK(has(text, "switchboard_reads_waiting{of=\"disk\"} 9\n"));
  CAF_CHECK(has(text, "switchboard_turn_latency_seconds_count 2\n"));
  CAF_CHECK(has(text, "switchboard_turn_latency_seconds_sum 20.4"));
  CAF_CHECK(has(text, "switchboard_turn_latency_seconds_bucket{le=\"0.3\"} 0\n"));
  CAF_CHECK(has(text, "switchboard_turn_latency_seconds_bucket{le=\"0.5\"} 1\n"));
  CAF_CHECK(has(text, "switchboard_turn_latency_seconds_bucket{le=\"+Inf\"} 2\n"));
  CAF_CHECK(has(text, "switchboard_frame_delay_seconds_bucket{line=\"line-1\",le=\"0.002\"} 1\n"));
  CAF_CHECK(has(text, "switchboard_line_overloaded{line=\"line-0\"} 0\n"));
  CAF_CHECK(has(text, "switchboard_line_overloaded{line=\"line-1\"} 1\n"));
}

CAF_TEST(requests are counted by route and status and a foreign path makes no route of its own) {
  node.get("/health");
  node.get("/health");
  node.get("/api/calls/some-id");
  for (auto path : {"/nowhere", "/somewhere", "/metrics/else"})
    node.get(path);
  const auto text = page().body;
  CAF_CHECK(has(text, "requests_total{method=\"GET\",route=\"/health\",status=\"200\"} 2\n"));
  CAF_CHECK(
      has(text, "requests_total{method=\"GET\",route=\"/api/calls/:id\",status=\"401\"} 1\n"));
  CAF_CHECK(has(text, "requests_total{method=\"GET\",route=\"none\",status=\"404\"} 3\n"));
  CAF_CHECK(!has(text, "nowhere"));
  CAF_CHECK(has(text, "switchboard_http_request_seconds_count{route=\"/health\"} 2\n"));
}

CAF_TEST(what the kernel says of the process is there) {
  const auto text = page().body;
  for (auto name : {"process_resident_memory_bytes", "process_open_fds", "process_threads"}) {
    const auto at = text.find(std::string{"\n"} + name + " ");
    CAF_REQUIRE(at != std::string::npos);
    CAF_CHECK(std::stod(text.substr(text.find(' ', at + 1))) > 0);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
