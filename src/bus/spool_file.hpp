// One file of a spool: lines, appended and made durable together, owned by one process.
//
// Its bytes are written ahead: zeros follow the last line, and most appends only write over them. A file that need not
// grow is synced in half the time, since its inode (and the journal of the file system, for which others may wait) has
// no part in it.
//
// The owner holds a lock on it (flock) as long as it lives; whoever gets the lock of a file that is still there has
// found the file of a dead process. Not for network file systems.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sequitur::bus {

class SpoolFile {
public:
    /// A new one, durable in its folder. Throws std::system_error.
    static SpoolFile create(const std::filesystem::path& folder, const std::string& name);
    /// nullopt: its owner lives, or it is gone. Throws std::system_error.
    static std::optional<SpoolFile> adopt(const std::filesystem::path& path);

    SpoolFile(SpoolFile&& other) noexcept;
    SpoolFile& operator=(SpoolFile&&) = delete;
    ~SpoolFile();

    /// Durable when it returns; else throws std::system_error, and nothing of it is there.
    void append(std::string_view lines);
    /// From there, at most so many bytes.
    std::string read(std::int64_t offset, std::size_t bytes_max) const;
    /// Of its lines; of one that was adopted, with the zeros behind them.
    std::int64_t size() const { return size_; }
    void clear();
    void remove();

private:
    SpoolFile(std::filesystem::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
    bool lock() const;
    bool write(std::string_view bytes) const;

    std::filesystem::path path_;
    int descriptor_;
    std::int64_t size_ = 0;
    std::int64_t written_ = 0;  ///< bytes of the file, zeros included
};

}  // namespace sequitur::bus
