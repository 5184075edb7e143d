#define CAF_SUITE commands
#define FAIL CAF_FAIL
#include "tests/end_to_end/world.hpp"

#include <filesystem>
#include <fstream>

#include <caf/test/dsl.hpp>

using namespace e2e;

namespace {

struct fixture : world {
  std::string out;

  /// Runs a command with nothing configured but where the data lies.
  int run(const texts& arguments) {
    std::filesystem::remove(path("out"));
    process program{binary("switchboard"),
                    arguments,
                    {{"DATABASE_URL", "file:" + path("data/switchboard.db")},
                     {"RECORDING_STORAGE_PATH", path("data/recordings")}},
                    path("out")};
    const int code = program.wait(seconds{30});
    out = read_file(path("out"));
    return code;
  }
  bool says(const std::string& text) const { return out.find(text) != std::string::npos; }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(commands_tests, fixture)

CAF_TEST(every command has its help and exit codes) {
  CAF_CHECK_EQUAL(run({"--help"}), 0);
  for (auto* name : {"serve", "check-config", "migrate", "reset", "calls", "backup",
                     "import-prisma", "version"}) {
    CAF_CHECK(says(name));
    CAF_CHECK_EQUAL(run({name, "--help"}), 0);
    CAF_CHECK(says("Exit codes: 0"));
    run({"--help"});
  }
  CAF_CHECK_EQUAL(run({"nonsense"}), 1);
  CAF_CHECK_EQUAL(run({"serve"}), 1); // the commands below need less of the configuration than this
  CAF_CHECK(says("OPENAI_API_KEY"));
}

CAF_TEST(the schema is made and its state told) {
  CAF_CHECK_EQUAL(run({"migrate", "--status"}), 0);
  CAF_CHECK(says(": 0 of "));
  CAF_CHECK_EQUAL(run({"migrate"}), 0);
  CAF_CHECK_EQUAL(run({"migrate", "--status"}), 0);
  CAF_CHECK(!says(": 0 of "));
}

CAF_TEST(calls are listed and shown and searched from the terminal and reset at last) {
  CAF_CHECK_EQUAL(run({"calls"}), 2); // no database yet
  start_model();
  start_server();
  CAF_REQUIRE_EQUAL(place_calls("caller", three_turns()), 0);
  CAF_REQUIRE(wait_for_recordings(1));
  const auto call = calls().at(0);
  const auto id = call["id"].get<std::string>();

  CAF_CHECK_EQUAL(run({"calls"}), 0); // while the server runs
  CAF_CHECK(says(id));
  CAF_CHECK(says("1 of 1 calls"));
  CAF_CHECK_EQUAL(run({"calls", "show", id}), 0);
  CAF_CHECK(says("We are open from noon"));
  CAF_CHECK_EQUAL(run({"calls", "show", id, "--json"}), 0);
  const auto shown = json::parse(out, nullptr, false);
  CAF_CHECK_EQUAL(shown["data"]["transcripts"], call["transcripts"]);
  CAF_CHECK_EQUAL(run({"calls", "search", "opening hours"}), 0);
  CAF_CHECK(says("1 of 1 calls"));
  CAF_CHECK_EQUAL(run({"calls", "search", "submarine", "--json"}), 0);
  CAF_CHECK_EQUAL(json::parse(out)["pagination"]["total"].get<int>(), 0);
  CAF_CHECK_EQUAL(run({"calls", "--status", "failed"}), 0);
  CAF_CHECK(says("0 of 0 calls"));
  CAF_CHECK_EQUAL(run({"calls", "show", "nobody"}), 2);
  CAF_CHECK_EQUAL(run({"calls", "--limit", "0"}), 1);

  CAF_CHECK_EQUAL(run({"reset"}), 1); // without --yes
  CAF_CHECK_EQUAL(run({"reset", "--yes"}), 2);
  CAF_CHECK(says("in use by process"));
  CAF_CHECK_EQUAL(calls().size(), 1u);
  CAF_REQUIRE_EQUAL(stop_server(), 0);
  CAF_CHECK_EQUAL(run({"reset", "--yes"}), 0);
  CAF_CHECK(!std::filesystem::exists(path("data/switchboard.db")));
  CAF_CHECK(std::filesystem::is_empty(path("data/recordings")));
  start_server();
  CAF_CHECK_EQUAL(calls().size(), 0u);
}

CAF_TEST(an import that is refused says why) {
  std::ofstream{path("letter.txt")} << "Dear customer, this is no database, but it is long enough";
  CAF_CHECK_EQUAL(run({"import-prisma"}), 1);
  CAF_CHECK_EQUAL(run({"import-prisma", path("nothing.db")}), 2);
  CAF_CHECK(says("is not a file"));
  CAF_CHECK_EQUAL(run({"import-prisma", path("letter.txt")}), 2);
  CAF_CHECK(says("corrupt"));
  start_model();
  start_server();
  CAF_CHECK_EQUAL(run({"import-prisma", path("letter.txt")}), 2);
  CAF_CHECK(says("in use by process"));
}

CAF_TEST_FIXTURE_SCOPE_END()
