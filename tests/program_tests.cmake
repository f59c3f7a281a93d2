# Tests written in C++. They see the program under test as SEQUITUR_BIN, the repository as
# SEQUITUR_SOURCE_DIR.
set(test_environment "SEQUITUR_BIN=${PROJECT_BINARY_DIR}/sequitur;SEQUITUR_SOURCE_DIR=${PROJECT_SOURCE_DIR}")

# One program a floor, from the `*_test.cpp` beside the code; linked with its own floor and those
# below only, so a test that reaches up does not link.
foreach(name base domain pg store bus mail workers http app)
  get_property(sources GLOBAL PROPERTY floor_tests_${name})
  if(sources)
    add_executable(test_${name} ${sources})
    target_link_libraries(test_${name} PRIVATE sequitur_${name} sequitur_test_flags GTest::gmock GTest::gtest_main)
    add_test(NAME unit.${name} COMMAND test_${name})
    set_tests_properties(unit.${name} PROPERTIES LABELS fast TIMEOUT 300 ENVIRONMENT "${test_environment}")
  endif()
endforeach()

# What every implementation of a port promises.
file(GLOB contract CONFIGURE_DEPENDS contract/*.cpp)
if(contract)
  add_executable(test_contract ${contract})
  target_link_libraries(test_contract PRIVATE sequitur_app sequitur_test_flags GTest::gmock GTest::gtest_main)
  if(TARGET test_support)
    target_link_libraries(test_contract PRIVATE test_support)
  endif()
  add_test(NAME contract COMMAND test_contract)
  set_tests_properties(contract PROPERTIES LABELS long TIMEOUT 900 ENVIRONMENT "${test_environment}")
endif()

# What `verify` sees when a guard of the protocol is off. The linker gives PQprepare to tests/mutants, so the
# statements are changed in this program only.
add_executable(test_mutants mutants/guards.cpp mutants/mutants_test.cpp)
target_link_libraries(test_mutants PRIVATE sequitur_store sequitur_test_flags GTest::gmock GTest::gtest_main)
target_link_options(test_mutants PRIVATE -Wl,--wrap=PQprepare)
add_test(NAME mutants COMMAND test_mutants)
set_tests_properties(mutants PROPERTIES LABELS long TIMEOUT 300 ENVIRONMENT "${test_environment}")

# Mails of the composer as another library reads them. GMime is for the tests only.
pkg_check_modules(gmime REQUIRED IMPORTED_TARGET gmime-3.0)
find_library(rapidcheck_library rapidcheck REQUIRED)
add_executable(test_mail_read_by_gmime mail/read_by_gmime_test.cpp)
target_link_libraries(test_mail_read_by_gmime PRIVATE sequitur_mail sequitur_test_flags PkgConfig::gmime
  ${rapidcheck_library} GTest::gtest_main)
add_test(NAME mail.read_by_gmime COMMAND test_mail_read_by_gmime)
set_tests_properties(mail.read_by_gmime PROPERTIES LABELS fast TIMEOUT 120 ENVIRONMENT "${test_environment}")

# Optimised as the program is. Not under a sanitizer, which adds instructions and takes over the allocations.
if(NOT SEQUITUR_SANITIZE)
  add_executable(test_letter_cost mail/letter_cost_test.cpp)
  target_link_libraries(test_letter_cost PRIVATE sequitur_mail GTest::gtest_main)
  add_test(NAME mail.letter_cost COMMAND test_letter_cost)
  set_tests_properties(mail.letter_cost PROPERTIES LABELS "fast;nosan" TIMEOUT 60)
endif()

# The composer from outside, for the story in Python, which finds it beside the tests.
add_executable(compose_mails tools/compose_mails.cpp)
target_link_libraries(compose_mails PRIVATE sequitur_mail sequitur_test_flags Boost::json)

# Kafka from outside, for the stories in Python, which find it beside the tests.
add_executable(kafka_records tools/kafka_records.cpp)
target_link_libraries(kafka_records PRIVATE sequitur_bus sequitur_mail sequitur_test_flags Boost::json)

# One story a file, one program a story. A line `// ctest: fast` in the file puts it into the fast set.
file(GLOB stories CONFIGURE_DEPENDS scenario/*_test.cpp)
foreach(story ${stories})
  get_filename_component(name ${story} NAME_WE)
  string(REGEX REPLACE "_test$" "" name ${name})
  file(STRINGS ${story} fast REGEX "^// ctest: fast" LIMIT_COUNT 1)
  add_executable(scenario_${name} ${story})
  target_link_libraries(scenario_${name} PRIVATE sequitur_app sequitur_test_flags GTest::gmock GTest::gtest_main)
  if(TARGET test_support)
    target_link_libraries(scenario_${name} PRIVATE test_support)
  endif()
  add_test(NAME scenario.${name} COMMAND scenario_${name})
  set_tests_properties(scenario.${name} PROPERTIES TIMEOUT 900 ENVIRONMENT "${test_environment}" LABELS long)
  if(fast)
    set_tests_properties(scenario.${name} PROPERTIES LABELS fast)
  endif()
endforeach()
