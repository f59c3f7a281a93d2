// The deleter of a C library's handle, as a type.
#pragma once

namespace sequitur::mail {

template <auto Free> struct FreeWith {
    void operator()(auto* p) const noexcept { Free(p); }
};

}  // namespace sequitur::mail
