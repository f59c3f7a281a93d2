// One lambda per alternative for std::visit: a new alternative breaks the build where it is unhandled.
#pragma once

namespace sequitur {

template <class... Cases> struct match : Cases... {
    using Cases::operator()...;
};
template <class... Cases> match(Cases...) -> match<Cases...>;

}  // namespace sequitur
