#include "bus/spool_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace sequitur::bus {

namespace {

/// How much of a group's bytes are written when the file must grow: eight in nine groups write over zeros.
constexpr std::size_t grows_by = 9;

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
    throw std::system_error(errno, std::generic_category(), path.string() + " can not be " + what);
}

void sync_folder(const std::filesystem::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    errno = error;
    if (!synced) fail(folder, "made durable");
}

}  // namespace

SpoolFile SpoolFile::create(const std::filesystem::path& folder, const std::string& name) {
    const auto path = folder / name;
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) fail(path, "made");
    SpoolFile file{path, descriptor};
    // Between its making and its lock another process may have taken it for a dead one's.
    if (!file.lock()) {
        errno = EAGAIN;
        fail(path, "locked");
    }
    sync_folder(folder);
    return file;
}

std::optional<SpoolFile> SpoolFile::adopt(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT) return std::nullopt;
    if (descriptor < 0) fail(path, "opened");
    SpoolFile file{path, descriptor};
    if (!file.lock()) return std::nullopt;
    struct stat info{};
    if (::fstat(descriptor, &info) != 0) fail(path, "read");
    file.size_ = info.st_size;
    return file;
}

SpoolFile::SpoolFile(SpoolFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      written_(other.written_) {}

SpoolFile::~SpoolFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

/// false: somebody has it, or had it and has removed it.
bool SpoolFile::lock() const {
    struct stat info{};
    return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 && ::fstat(descriptor_, &info) == 0 && info.st_nlink > 0;
}

void SpoolFile::append(std::string_view lines) {
    const auto end = size_ + std::ssize(lines);
    const bool grows = end > written_;
    std::string ahead;
    if (grows) (ahead.assign(lines)).resize(lines.size() * grows_by, '\0');
    if (!write(grows ? ahead : lines) || ::fdatasync(descriptor_) != 0) {
        const int error = errno;
        // The next line begins a line.
        if (::ftruncate(descriptor_, size_) == 0) written_ = size_;
        errno = error;
        fail(path_, "written");
    }
    if (grows) written_ = size_ + std::ssize(ahead);
    size_ = end;
}

/// Behind the last line.
bool SpoolFile::write(std::string_view bytes) const {
    for (auto at = size_; !bytes.empty();) {
        const auto written = ::pwrite(descriptor_, bytes.data(), bytes.size(), at);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        at += written;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

std::string SpoolFile::read(std::int64_t offset, std::size_t bytes_max) const {
    std::string bytes(bytes_max, '\0');
    std::size_t got = 0;
    while (got < bytes.size()) {
        const auto more =
            ::pread(descriptor_, bytes.data() + got, bytes.size() - got, offset + static_cast<std::int64_t>(got));
        if (more < 0 && errno == EINTR) continue;
        if (more < 0) fail(path_, "read");
        if (more == 0) break;
        got += static_cast<std::size_t>(more);
    }
    bytes.resize(got);
    return bytes;
}

void SpoolFile::clear() {
    if (::ftruncate(descriptor_, 0) != 0) fail(path_, "emptied");
    size_ = written_ = 0;
}

void SpoolFile::remove() {
    if (::unlink(path_.c_str()) != 0 && errno != ENOENT) fail(path_, "removed");
}

}  // namespace sequitur::bus
