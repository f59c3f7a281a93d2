#include "mail/sha256_lanes.hpp"

#ifdef SEQUITUR_SHA256_LANES

#include <intel-ipsec-mb.h>

#include <memory>

namespace sequitur::mail {

namespace {

struct Free {
    void operator()(IMB_MGR* lanes) const noexcept { free_mb_mgr(lanes); }
};

/// Null where the processor has no instructions for SHA: the library's other ways are slower for two than OpenSSL.
IMB_MGR* lanes() {
    thread_local const auto owned = [] {
        std::unique_ptr<IMB_MGR, Free> made{alloc_mb_mgr(0)};
        constexpr std::uint64_t needed = IMB_FEATURE_SHANI | IMB_FEATURE_SSE4_2;
        if (!made || (made->features & needed) != needed) return std::unique_ptr<IMB_MGR, Free>{};
        init_mb_mgr_sse(made.get());
        if (imb_get_errno(made.get()) != 0) made.reset();
        return made;
    }();
    return owned.get();
}

bool submit(IMB_MGR* to, std::string_view bytes, Sha256& digest) {
    auto* job = IMB_GET_NEXT_JOB(to);
    *job = {};
    job->cipher_mode = IMB_CIPHER_NULL;
    job->cipher_direction = IMB_DIR_ENCRYPT;
    job->chain_order = IMB_ORDER_HASH_CIPHER;
    job->hash_alg = IMB_AUTH_SHA_256;
    job->src = reinterpret_cast<const std::uint8_t*>(bytes.data());
    job->msg_len_to_hash_in_bytes = bytes.size();
    job->auth_tag_output = digest.data();
    job->auth_tag_output_len_in_bytes = digest.size();
    const auto* done = IMB_SUBMIT_JOB(to);
    return imb_get_errno(to) == 0 && (done == nullptr || done->status == IMB_STATUS_COMPLETED);
}

/// What is not done at once is done here.
bool complete(IMB_MGR* lanes) {
    bool is_complete = true;
    while (const auto* job = IMB_FLUSH_JOB(lanes)) is_complete = is_complete && job->status == IMB_STATUS_COMPLETED;
    return is_complete;
}

}  // namespace

std::optional<std::pair<Sha256, Sha256>> sha256_in_lanes(std::string_view first, std::string_view second) {
    auto* const at = lanes();
    if (at == nullptr) return std::nullopt;
    std::pair<Sha256, Sha256> digests{};
    const bool is_taken = submit(at, first, digests.first) && submit(at, second, digests.second);
    if (!complete(at) || !is_taken) return std::nullopt;
    return digests;
}

}  // namespace sequitur::mail

#else

namespace sequitur::mail {

std::optional<std::pair<Sha256, Sha256>> sha256_in_lanes(std::string_view, std::string_view) { return std::nullopt; }

}  // namespace sequitur::mail

#endif
