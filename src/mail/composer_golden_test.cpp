// Every kind of mail, byte for byte as it stands in golden/. After a wanted change: SEQUITUR_WRITE_GOLDEN=1 writes the
// files anew, and the difference is read before it is committed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "mail/composer.hpp"
#include "mail/golden_mails_for_tests.hpp"

namespace sequitur::mail {

namespace {

std::filesystem::path folder() {
    const auto* source = std::getenv("SEQUITUR_SOURCE_DIR");
    return std::filesystem::path{source == nullptr ? "." : source} / "src/mail/golden";
}

std::string read(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(ComposerGolden, WritesEveryMailByteForByte) {
    const bool writes = std::getenv("SEQUITUR_WRITE_GOLDEN") != nullptr;
    for (const auto& [name, parts] : golden_mails()) {
        const auto mail = MimeComposer{}.compose(parts);
        const auto path = folder() / (name + ".eml");
        if (writes) std::ofstream{path, std::ios::binary} << mail;
        EXPECT_EQ(read(path), mail) << name;
    }
}

TEST(ComposerGolden, HasNoFileThatNobodyWrites) {
    const auto mails = golden_mails();
    for (const auto& entry : std::filesystem::directory_iterator{folder()})
        EXPECT_TRUE(mails.contains(entry.path().stem().string())) << entry.path();
}

}  // namespace

}  // namespace sequitur::mail
