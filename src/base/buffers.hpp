// Large strings of a thread that are used again: above a kilobyte malloc keeps nothing for the thread, and the texts
// of a mail would be merged and cut apart again with every mail.
#pragma once

#include <cstddef>
#include <string>

namespace sequitur {

/// Empty, with room for `bytes` and little more: thousands of mails may hold one while their server thinks.
std::string take_buffer(std::size_t bytes);

/// Keeps the memory of `used` for this thread: a few buffers, none of them large. It is empty afterwards.
void give_back(std::string& used);

}  // namespace sequitur
