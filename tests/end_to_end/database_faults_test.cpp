#define CAF_SUITE database_faults
#define FAIL CAF_FAIL
#include "tests/end_to_end/faulty_world.hpp"

#include <filesystem>
#include <fstream>

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

struct fixture : faulty_world {
  std::string database() const { return path("data/switchboard.db"); }
  /// Python holds a lock on the database until it is ended. @param statement BEGIN ...
  process lock_database(const std::string& statement) const {
    std::filesystem::remove(path("locked"));
    const std::string program = "import sqlite3,sys,time\n"
                                "c=sqlite3.connect(sys.argv[1],isolation_level=None,timeout=60)\n"
                                "c.execute(sys.argv[2])\n"
                                "open(sys.argv[3],'w').write('x')\n"
                                "time.sleep(600)\n";
    process locker{"/usr/bin/python3",
                   {"-c", program, database(), statement, path("locked")},
                   {{"PATH", "/usr/bin"}},
                   path("locker.log")};
    wait_until([&] { return !read_file(path("locked")).empty(); });
    return locker;
  }
  /// The exit code of a server that is to refuse its start; what it says is in `refused`.
  int refused_start() const {
    process run{binary("switchboard"),
                {"serve"},
                {{"PORT", "0"},
                 {"APP_ENV", "test"},
                 {"TWILIO_ACCOUNT_SID", account},
                 {"TWILIO_AUTH_TOKEN", auth_token},
                 {"TWILIO_PHONE_NUMBER", "+15550100002"},
                 {"OPENAI_API_KEY", "x"},
                 {"DATABASE_URL", "file:" + database()},
                 {"RECORDING_STORAGE_PATH", path("data/recordings")}},
                path("refused")};
    return run.wait(seconds{15});
  }
  bool refusal_says(const std::string& words) const {
    return read_file(path("refused")).find(words) != std::string::npos;
  }
  void write_database(const std::string& bytes) const {
    std::filesystem::create_directories(path("data"));
    std::ofstream{database(), std::ios::binary} << bytes;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(database_faults_tests, fixture)

CAF_TEST(while another process locks the database the call goes on and its rows follow) {
  start_model();
  start_server();
  auto viewer = watch_events("sse");
  start_calls("live", {"--say-at", "1:" + speech("caller_1.wav"), "--hangup-after", "9"});
  CAF_REQUIRE(wait_until([&] { return active_calls() == 1; }));
  auto locker = lock_database("BEGIN IMMEDIATE");
  CAF_CHECK(not_ready("the database does not work"));
  CAF_CHECK(told("sse", "DATABASE_FAILED"));
  CAF_CHECK_EQUAL(place_calls("late", {"--hangup-after", "1", "--expect-rejected"}), 0);
  CAF_CHECK_EQUAL(finish_calls("live"), 0); // its end meets the lock, too
  locker = process{};
  CAF_CHECK(ready());
  CAF_REQUIRE(wait_for_recordings(1));
  const auto call = calls().at(0);
  CAF_CHECK_EQUAL(call["status"].get<std::string>(), "completed");
  CAF_CHECK_GREATER_OR_EQUAL(call["transcripts"].size(), 2u);
  CAF_CHECK_GREATER_OR_EQUAL(call["analytics"].size(), 1u);
  CAF_CHECK_EQUAL(stop_server(), 0);
}

CAF_TEST(a database that is not one stops the start and is not touched) {
  const std::string garbage(8192, 'g');
  write_database(garbage);
  CAF_CHECK_EQUAL(refused_start(), 2);
  CAF_CHECK(refusal_says(database()));
  CAF_CHECK(refusal_says("corrupt"));
  CAF_CHECK(read_file(database()) == garbage);
}

CAF_TEST(a database with a broken page stops the start and is not touched) {
  start_model();
  start_server();
  CAF_CHECK_EQUAL(stop_server(), 0);
  auto bytes = read_file(database());
  std::fill(bytes.begin() + 100, bytes.begin() + 4096, '\xff'); // the schema; the header is good
  write_database(bytes);
  CAF_CHECK_EQUAL(refused_start(), 2);
  CAF_CHECK(refusal_says("corrupt"));
  CAF_CHECK(read_file(database()) == bytes);
}

CAF_TEST(a database that another process keeps for itself stops the start in time) {
  std::filesystem::create_directories(path("data"));
  auto locker = lock_database("BEGIN EXCLUSIVE");
  CAF_CHECK_EQUAL(refused_start(), 2);
  CAF_CHECK(refusal_says("busy"));
}

CAF_TEST_FIXTURE_SCOPE_END()
