// Parameters of a statement, in binary, each with the OID of its C++ type: `Params{id, now, names}`.
//
// A vector is a one-dimensional array, empty ones included; an empty optional is NULL of its type.
// Text goes as `text`: where the column is an enum or jsonb, the SQL casts (`$1::email_status`).
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "pg/codec.hpp"

namespace sequitur::pg {

template <class T> struct ElementOf {
    using Type = T;
};
template <class T> struct ElementOf<std::optional<T>> {
    using Type = T;
};
/// As what it travels, alone or in an array: text for whatever is text.
template <class T>
using ElementType = std::conditional_t<std::is_convertible_v<const typename ElementOf<T>::Type&, std::string_view>,
                                       std::string, typename ElementOf<T>::Type>;

class Params {
public:
    Params() = default;
    template <class... T>
        requires(sizeof...(T) > 0)
    explicit Params(const T&... values) {
        (add(values), ...);
    }

    template <class T> Params& add(const T& value) {
        Codec<ElementType<T>>::write(bytes_, value);
        return close(Codec<ElementType<T>>::type);
    }
    template <class T> Params& add(const std::optional<T>& value) {
        if (value) return add(*value);
        types_.push_back(Codec<ElementType<T>>::type);
        ends_.push_back(bytes_.size());
        nulls_.push_back(true);
        return *this;
    }
    template <class T> Params& add(const std::vector<T>& values);

    int size() const { return static_cast<int>(types_.size()); }
    std::span<const TypeOid> types() const { return types_; }
    bool null(std::size_t index) const { return nulls_[index]; }
    std::string_view value(std::size_t index) const {
        const auto begin = index == 0 ? 0 : ends_[index - 1];
        return std::string_view{bytes_}.substr(begin, ends_[index] - begin);
    }

private:
    template <class T> void append_element(const std::optional<T>& value) {
        if (value)
            append_element(*value);
        else
            append_big_endian(bytes_, std::int32_t{-1});
    }
    template <class T> void append_element(const T& value) {
        const auto at = bytes_.size();
        append_big_endian(bytes_, std::int32_t{0});
        Codec<ElementType<T>>::write(bytes_, value);
        put_big_endian(bytes_.data() + at, static_cast<std::int32_t>(bytes_.size() - at - 4));
    }
    Params& close(TypeOid type) {
        types_.push_back(type);
        ends_.push_back(bytes_.size());
        nulls_.push_back(false);
        return *this;
    }

    std::string bytes_;  ///< the values one after another
    std::vector<std::size_t> ends_;
    std::vector<TypeOid> types_;
    std::vector<bool> nulls_;
};

/// Form of an array: number of dimensions, "has nulls", element type; then per dimension its size
/// and lower bound; then each element with its length (array_recv in arrayfuncs.c).
template <class T> Params& Params::add(const std::vector<T>& values) {
    using Element = ElementType<T>;
    constexpr bool may_be_null = !std::is_same_v<typename ElementOf<T>::Type, T>;
    append_big_endian(bytes_, std::int32_t{values.empty() ? 0 : 1});
    append_big_endian(bytes_, std::int32_t{may_be_null});
    append_big_endian(bytes_, std::int32_t{static_cast<std::int32_t>(Codec<Element>::type)});
    if (values.empty()) return close(Codec<Element>::array_type);
    append_big_endian(bytes_, static_cast<std::int32_t>(values.size()));
    append_big_endian(bytes_, std::int32_t{1});
    for (const auto& value : values) {
        if constexpr (std::is_same_v<T, bool>)
            append_element(static_cast<bool>(value));
        else
            append_element(value);
    }
    return close(Codec<Element>::array_type);
}

}  // namespace sequitur::pg
