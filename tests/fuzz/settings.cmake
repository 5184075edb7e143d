switchboard_fuzzer(settings
  conf/agent_profiles.cpp
  conf/built_in_tools.cpp
  conf/dotenv.cpp
  conf/json_fields.cpp
  conf/model_prices.cpp
  conf/text.cpp)
