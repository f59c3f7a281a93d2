// TLS without sockets: ciphertext in and out as bytes, so that one driver serves plain and TLS
// connections, and an idle session costs no fixed buffers.
//
// A client accepts TLS 1.2 or better, a chain to the system's store (or the one CA file) and the
// host's own name (RFC 6125); anything else fails before a byte of SMTP is said.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/guarded.hpp"
#include "mail/free_with.hpp"

namespace sequitur::mail {

using SslContext = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, FreeWith<SSL_free>>;
using SslSession = std::unique_ptr<SSL_SESSION, FreeWith<SSL_SESSION_free>>;

/// One side's settings. Thread-safe; outlives its streams.
class TlsContext {
public:
    /// `ca_file` empty: the system's store. Throws std::runtime_error when it can not be read.
    static std::unique_ptr<TlsContext> client(const std::string& ca_file);
    static std::unique_ptr<TlsContext> server(const std::string& certificate_file, const std::string& key_file);

private:
    friend class TlsStream;
    explicit TlsContext(const SSL_METHOD* method);
    static int keep_session(SSL* ssl, SSL_SESSION* session);

    SslContext context_;
    // Resumed sessions were verified when they were made: the key is the name that was verified.
    Guarded<std::unordered_map<std::string, SslSession>> sessions_;
};

/// One connection. Used by one thread at a time.
class TlsStream {
public:
    enum class State { wants_more, ready, closed, failed };

    /// `host` is what a client verifies and asks for (SNI); a server gives none.
    TlsStream(TlsContext& context, const std::string& host);
    ~TlsStream();
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    void feed(std::string_view ciphertext) { input_ += ciphertext; }
    State handshake();
    /// Appends what can be read to `plain`; `wants_more` when that is all for now.
    State read(std::string& plain);
    State write(std::string_view plain);
    /// Ciphertext to send; there may be some after every call above.
    std::string take_output() { return std::exchange(output_, {}); }

    const std::string& problem() const { return problem_; }
    /// The certificate was refused: waiting will not help.
    bool is_distrusted() const { return is_distrusted_; }

private:
    friend class TlsContext;
    static const BIO_METHOD* bio_method();
    static int bio_read(BIO* bio, char* out, int bytes_max);
    static int bio_write(BIO* bio, const char* bytes, int count);
    State failed(int result);

    TlsContext& context_;
    std::string host_;
    Ssl ssl_;
    std::string input_;
    std::string output_;
    std::string problem_;
    bool is_distrusted_ = false;
};

}  // namespace sequitur::mail
