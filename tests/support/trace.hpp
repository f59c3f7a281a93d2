// What several fakes were asked to do, in one order: "take", "publish email-jobs", "mark_published".
#pragma once

#include <string>
#include <vector>

namespace sequitur::test {

using Trace = std::vector<std::string>;

}  // namespace sequitur::test
