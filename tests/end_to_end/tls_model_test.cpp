#define CAF_SUITE tls_model
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

struct tls_world : world {
  /// A self-signed certificate for the model simulator's address.
  void make_certificate(const std::string& subject_name) {
    process openssl{"/usr/bin/openssl",
                    {"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout",
                     path("key.pem"), "-out", path("cert.pem"), "-subj", "/CN=model", "-addext",
                     "subjectAltName=" + subject_name},
                    {{"PATH", "/usr/bin:/bin"}},
                    path("openssl.log")};
    CAF_REQUIRE_EQUAL(openssl.wait(seconds{30}), 0);
  }
  void start_tls_model() {
    start_model({"--tls-cert", path("cert.pem"), "--tls-key", path("key.pem")});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(tls_model_tests, tls_world)

CAF_TEST(a call over tls to a model with a trusted certificate) {
  make_certificate("IP:127.0.0.1");
  start_tls_model();
  start_server({{"OPENAI_CA_FILE", path("cert.pem")}});
  CAF_CHECK_EQUAL(place_calls("caller", three_turns()), 0);
  CAF_REQUIRE(wait_for_recordings(1));
  CAF_CHECK_EQUAL(calls().at(0)["transcripts"].size(), 7u);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(a model with another host in its certificate hears nothing of the call) {
  make_certificate("DNS:somebody.example");
  start_tls_model();
  start_server({{"OPENAI_CA_FILE", path("cert.pem")}});
  place_calls("caller", {"--hangup-after", "3"});
  CAF_CHECK(wait_until([&] { return server_log().find("tls_failed") != std::string::npos; }));
  const auto model_side = model_report();
  for (auto& session : model_side["sessions"])
    CAF_CHECK_EQUAL(session.value("appendedMs", 0.0), 0.0);
}

CAF_TEST_FIXTURE_SCOPE_END()
