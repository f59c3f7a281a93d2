// The file of the master key: 64 hex digits and a newline.
#pragma once

#include <filesystem>
#include <optional>

#include "base/secret.hpp"

namespace sequitur::store {

/// The 32 bytes of the key; nullopt = no such file. Throws SecretsError.
std::optional<Secret> read_master_key(const std::filesystem::path& file);

/// Makes a key, or reads the one that another process made meanwhile. Never overwrites. Throws SecretsError.
Secret make_master_key(const std::filesystem::path& file);

}  // namespace sequitur::store
