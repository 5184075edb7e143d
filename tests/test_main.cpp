// The one main() of a test program: CAF's runner, which picks suites with -s.
#define CAF_TEST_NO_MAIN
#include <caf/test/unit_test_impl.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>

int main(int argc, char** argv) {
  // An exception would end the program without a word of why, and with what it has started running.
  try {
    return caf::test::main(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "\na test threw: " << e.what() << std::endl;
  } catch (...) {
    std::cerr << "\na test threw what is no std::exception" << std::endl;
  }
  return EXIT_FAILURE;
}
