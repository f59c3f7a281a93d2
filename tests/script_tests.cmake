# Tests written in Python: the checks of the source tree, the models, and the stories that drive the
# finished program from outside.
function(script_test name labels timeout script)
  add_test(NAME ${name} COMMAND ${SEQUITUR_PYTHON} -B ${PROJECT_SOURCE_DIR}/${script} ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${timeout} SKIP_RETURN_CODE 77
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} ENVIRONMENT "${test_environment}")
endfunction()

script_test(tree.floors "fast;nosan" 60 tools/check_floors.py)
script_test(tree.files "fast;nosan" 60 tools/check_tree.py)
script_test(tree.floors_self_test "fast;nosan" 60 tests/tools/check_floors_test.py)
script_test(tree.files_self_test "fast;nosan" 60 tests/tools/check_tree_test.py)
script_test(tools.free_port "fast;nosan" 60 tests/tools/free_port_test.py)
script_test(model.pause "fast;nosan" 120 tests/models/pause_model_test.py)
script_test(model.delivery "long;nosan" 300 tests/models/delivery_model_test.py)
script_test(mail.read_by_python "fast;nosan" 120 tests/mail/read_by_python_test.py)
script_test(contract.bus_hammer "long;nosan" 180 tests/contract/bus_hammer.py)
script_test(contract.bus_hammer_mutants "long;nosan" 420 tests/contract/bus_hammer.py --mutants --seconds 6)
# The seeds' schedules strike each server at least once within that time.
script_test(crash.postgres "long;nosan" 300 tests/crash/short_run.py postgres --minutes 0.4 --seed 64)
script_test(crash.kafka "long;nosan" 300 tests/crash/short_run.py kafka --minutes 0.45 --seed 38)
set_tests_properties(crash.postgres crash.kafka PROPERTIES RUN_SERIAL ON)

# 15 s on each fuzz target, of the build with sanitizers that `./dev test` makes first.
file(GLOB fuzzers CONFIGURE_DEPENDS fuzz/*_fuzz.cpp)
foreach(fuzzer ${fuzzers})
  get_filename_component(name ${fuzzer} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" short ${name})
  script_test(fuzz.${short} "long;nosan" 120 tests/fuzz/run.py ${PROJECT_SOURCE_DIR}/build-fuzz/fuzz/${name} 15)
endforeach()

# A line `# ctest: fast` in a story puts it into the fast set; `# ctest: serial` lets it run alone and not under a
# sanitizer, for stories that count what depends on how fast the program is.
file(GLOB scripts CONFIGURE_DEPENDS scenario/*_test.py)
foreach(script ${scripts})
  get_filename_component(name ${script} NAME_WE)
  string(REGEX REPLACE "_test$" "" name ${name})
  file(STRINGS ${script} fast REGEX "^# ctest: fast" LIMIT_COUNT 1)
  set(label long)
  if(fast)
    set(label fast)
  endif()
  file(STRINGS ${script} serial REGEX "^# ctest: serial" LIMIT_COUNT 1)
  if(serial)
    list(APPEND label nosan)
  endif()
  script_test(scenario.${name} "${label}" 900 tests/scenario/${name}_test.py)
  if(serial)
    set_tests_properties(scenario.${name} PROPERTIES RUN_SERIAL ON)
  endif()
endforeach()
