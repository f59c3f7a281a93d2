// Boost.JSON under a short name. Heavy: for .cpp files that read or write JSON.
#pragma once

#include <boost/json.hpp>

namespace sequitur::http {
namespace json = boost::json;
}
