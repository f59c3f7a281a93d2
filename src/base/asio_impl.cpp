// Asio is compiled once, here (BOOST_ASIO_SEPARATE_COMPILATION): everybody else reads declarations.
#include <boost/asio/impl/src.hpp>
