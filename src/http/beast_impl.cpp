// Beast is compiled once, here (BOOST_BEAST_SEPARATE_COMPILATION): connection.cpp reads declarations.

// g++ 12 sees an uninitialised boost::optional in the parser once the sanitizers are on; there is none.
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <boost/beast/src.hpp>
