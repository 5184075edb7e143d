#pragma once

#include <string>

namespace switchboard::storage {

/// ASCII letters in lower case, the rest as it is: the folding that the API's filters use too.
inline std::string lower_case(std::string text) {
  for (char& c : text) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

} // namespace switchboard::storage
