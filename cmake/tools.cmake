# What makes a build fast where it is installed, and is not needed where it is not.
#
# ccache: a second build folder or branch costs seconds. mold: links in a tenth of ld's time; it is
# left out for clang, whose fuzz programs are linked once.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_program(MOLD mold)
if(MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()

# Debian's own Python: a version manager's `python3` earlier on the PATH lacks Debian's modules.
find_program(SEQUITUR_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(NOT SEQUITUR_PYTHON)
  find_program(SEQUITUR_PYTHON python3 REQUIRED)
endif()
