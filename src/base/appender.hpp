// Many small pieces in a row to the end of a string: they are put together on the stack, and the string grows once for
// some thousands of bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace sequitur {

/// What was appended is in the string once the appender is gone.
class Appender {
public:
    static constexpr std::size_t room_bytes_max = 2'048;

    explicit Appender(std::string& out) : out_(out) {}
    ~Appender() { flush(); }
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;

    /// At least `bytes`, at most room_bytes_max, to write to; good until the next call. What is written counts from
    /// took() on.
    char* room(std::size_t bytes) {
        if (gathered_.size() - size_ < bytes) flush();
        return gathered_.data() + size_;
    }
    void took(std::size_t bytes) { size_ += bytes; }

    /// Of the string, with what is still to come into it.
    std::size_t size() const { return out_.size() + size_; }

    void append(std::string_view piece) {
        if (piece.size() > room_bytes_max) {
            flush();
            out_.append(piece);
            return;
        }
        std::memcpy(room(piece.size()), piece.data(), piece.size());
        took(piece.size());
    }
    void append(char c) {
        *room(1) = c;
        took(1);
    }

private:
    void flush() {
        out_.append(gathered_.data(), size_);
        size_ = 0;
    }

    std::string& out_;
    std::size_t size_ = 0;
    std::array<char, room_bytes_max> gathered_;  ///< written before it is read
};

}  // namespace sequitur
