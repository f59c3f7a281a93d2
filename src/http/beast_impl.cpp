// Beast is compiled once, here (BOOST_BEAST_SEPARATE_COMPILATION): connection.cpp reads declarations.
#include <boost/beast/src.hpp>
