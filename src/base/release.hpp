// `text = {}` keeps the memory that a string or a vector has grown to, and so does `text = std::string{}`.
#pragma once

namespace sequitur {

/// Empties `value` and gives its memory back.
template <class T> void release(T& value) {
    T empty;
    value.swap(empty);
}

}  // namespace sequitur
