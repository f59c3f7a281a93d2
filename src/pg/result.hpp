// The rows of one statement. Columns are read by number, as C++ types, from their binary form.
//
// Asking for a type the column does not have, or for a value where there is NULL, is a bug of ours:
// std::logic_error names the column.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pg/codec.hpp"

struct pg_result;

namespace sequitur::pg {

class Row;

class Result {
public:
    explicit Result(pg_result* owned) : result_(owned) {}

    int rows() const;
    int columns() const;
    bool empty() const { return rows() == 0; }
    /// Rows that INSERT, UPDATE, DELETE, SELECT touched.
    std::int64_t affected() const;
    /// The command tag: "UPDATE 3".
    std::string_view command() const;

    bool null(int row, int column) const;
    template <class T> T get(int row, int column) const { return Reader<T>::read(*this, row, column); }
    /// All values of one column.
    template <class T> std::vector<T> column(int column_number) const {
        std::vector<T> values;
        values.reserve(static_cast<std::size_t>(rows()));
        for (int row = 0; row < rows(); ++row) values.push_back(get<T>(row, column_number));
        return values;
    }
    Row row(int number) const;

    const pg_result* raw() const { return result_.get(); }

private:
    struct Clear {
        void operator()(pg_result* result) const noexcept;
    };
    template <class T> struct Reader;

    TypeOid type(int column) const;
    std::string_view bytes(int row, int column) const;
    [[noreturn]] void refuse(int column, std::string_view why) const;

    std::unique_ptr<pg_result, Clear> result_;
};

/// Reads a row from left to right: `row.next<EmailId>()`. Borrows the result.
class Row {
public:
    Row(const Result& result, int number) : result_(result), number_(number) {}
    template <class T> T next() { return result_.get<T>(number_, column_++); }
    void skip() { ++column_; }

private:
    const Result& result_;
    int number_;
    int column_ = 0;
};

inline Row Result::row(int number) const { return {*this, number}; }

template <class T> struct Result::Reader {
    static T read(const Result& result, int row, int column) {
        if (result.null(row, column)) result.refuse(column, "is null");
        auto value = Codec<T>::read(result.type(column), result.bytes(row, column));
        if (!value) result.refuse(column, "has another type");
        return *std::move(value);
    }
};

template <class T> struct Result::Reader<std::optional<T>> {
    static std::optional<T> read(const Result& result, int row, int column) {
        if (result.null(row, column)) return std::nullopt;
        return Reader<T>::read(result, row, column);
    }
};

/// A one-dimensional array without nulls.
template <class T> struct Result::Reader<std::vector<T>> {
    static std::vector<T> read(const Result& result, int row, int column) {
        if (result.null(row, column)) result.refuse(column, "is null");
        if (result.type(column) != Codec<T>::array_type) result.refuse(column, "has another type");
        auto bytes = result.bytes(row, column);
        std::vector<T> values;
        if (big_endian<std::int32_t>(bytes) == 0) return values;
        const auto type = static_cast<TypeOid>(big_endian<std::int32_t>(bytes.substr(8)));
        const auto count = big_endian<std::int32_t>(bytes.substr(12));
        bytes.remove_prefix(20);
        for (int i = 0; i < count; ++i) {
            const auto length = big_endian<std::int32_t>(bytes);
            if (length < 0) result.refuse(column, "has a null element");
            values.push_back(*Codec<T>::read(type, bytes.substr(4, static_cast<std::size_t>(length))));
            bytes.remove_prefix(4 + static_cast<std::size_t>(length));
        }
        return values;
    }
};

}  // namespace sequitur::pg
