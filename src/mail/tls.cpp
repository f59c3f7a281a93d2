#include "mail/tls.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace sequitur::mail {

namespace {

constexpr std::size_t sessions_max = 1000;
constexpr std::size_t read_bytes_max = 16 * 1024;

std::string last_error(std::string_view fallback) {
    const auto code = ERR_get_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? std::string{fallback} : std::string{reason};
}

bool is_ip_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
           inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

void require(bool done, const std::string& what) {
    if (!done) throw std::runtime_error(what + ": " + last_error("failed"));
}

}  // namespace

TlsContext::TlsContext(const SSL_METHOD* method) : context_(SSL_CTX_new(method)) {
    require(context_ != nullptr, "TLS");
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_app_data(context_.get(), this);
}

std::unique_ptr<TlsContext> TlsContext::client(const std::string& ca_file) {
    std::unique_ptr<TlsContext> made{new TlsContext(TLS_client_method())};
    auto* context = made->context_.get();
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    if (ca_file.empty()) {
        require(SSL_CTX_set_default_verify_paths(context) == 1, "the system's certificate store");
    } else {
        require(SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) == 1, "CA file " + ca_file);
    }
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, &TlsContext::keep_session);
    return made;
}

std::unique_ptr<TlsContext> TlsContext::server(const std::string& certificate_file, const std::string& key_file) {
    std::unique_ptr<TlsContext> made{new TlsContext(TLS_server_method())};
    auto* context = made->context_.get();
    require(SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) == 1, certificate_file);
    require(SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) == 1, key_file);
    return made;
}

int TlsContext::keep_session(SSL* ssl, SSL_SESSION* session) {
    const auto* stream = static_cast<TlsStream*>(SSL_get_app_data(ssl));
    stream->context_.sessions_.with([&](auto& sessions) {
        if (sessions.size() >= sessions_max) sessions.clear();
        sessions[stream->host_].reset(session);
    });
    return 1;  // the reference is ours now
}

TlsStream::TlsStream(TlsContext& context, const std::string& host)
    : context_(context), host_(host), ssl_(SSL_new(context.context_.get())) {
    require(ssl_ != nullptr, "TLS");
    SSL_set_app_data(ssl_.get(), this);
    BIO* bio = BIO_new(bio_method());
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    if (host_.empty()) {
        SSL_set_accept_state(ssl_.get());
        return;
    }
    SSL_set_connect_state(ssl_.get());
    auto* verify = SSL_get0_param(ssl_.get());
    X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (is_ip_address(host_)) {
        require(X509_VERIFY_PARAM_set1_ip_asc(verify, host_.c_str()) == 1, host_);
    } else {
        require(X509_VERIFY_PARAM_set1_host(verify, host_.c_str(), host_.size()) == 1, host_);
        SSL_set_tlsext_host_name(ssl_.get(), host_.c_str());
    }
    context_.sessions_.with([&](auto& sessions) {
        const auto known = sessions.find(host_);
        if (known != sessions.end()) SSL_set_session(ssl_.get(), known->second.get());
    });
}

// Without its mark, OpenSSL takes a connection that ends with no close_notify for cut, and lets its session not be
// resumed: the next connection would pay the whole handshake again. Where SMTP ends, SMTP says so.
TlsStream::~TlsStream() {
    if (problem_.empty()) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

TlsStream::State TlsStream::handshake() {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    return result == 1 ? State::ready : failed(result);
}

TlsStream::State TlsStream::read(std::string& plain) {
    thread_local std::array<char, read_bytes_max> buffer;
    while (true) {
        ERR_clear_error();
        const int count = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
        if (count <= 0) return failed(count);
        plain.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

TlsStream::State TlsStream::write(std::string_view plain) {
    while (!plain.empty()) {
        ERR_clear_error();
        const int count = SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size()));
        if (count <= 0) return failed(count);
        plain.remove_prefix(static_cast<std::size_t>(count));
    }
    return State::ready;
}

TlsStream::State TlsStream::failed(int result) {
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return State::wants_more;
    if (error == SSL_ERROR_ZERO_RETURN) return State::closed;
    const auto verified = SSL_get_verify_result(ssl_.get());
    is_distrusted_ = !host_.empty() && verified != X509_V_OK;
    problem_ = is_distrusted_ ? "certificate refused: " + std::string{X509_verify_cert_error_string(verified)}
                              : "TLS failed: " + last_error("connection closed");
    return State::failed;
}

int TlsStream::bio_read(BIO* bio, char* out, int bytes_max) {
    auto& stream = *static_cast<TlsStream*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (stream.input_.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const auto count = std::min(stream.input_.size(), static_cast<std::size_t>(bytes_max));
    std::copy_n(stream.input_.data(), count, out);
    stream.input_.erase(0, count);
    if (stream.input_.empty()) stream.input_ = {};
    return static_cast<int>(count);
}

int TlsStream::bio_write(BIO* bio, const char* bytes, int count) {
    static_cast<TlsStream*>(BIO_get_data(bio))->output_.append(bytes, static_cast<std::size_t>(count));
    BIO_clear_retry_flags(bio);
    return count;
}

const BIO_METHOD* TlsStream::bio_method() {
    static const auto method = [] {
        std::unique_ptr<BIO_METHOD, FreeWith<BIO_meth_free>> made{
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bytes")};
        BIO_meth_set_read(made.get(), &TlsStream::bio_read);
        BIO_meth_set_write(made.get(), &TlsStream::bio_write);
        BIO_meth_set_ctrl(made.get(), [](BIO*, int command, long, void*) -> long { return command == BIO_CTRL_FLUSH; });
        return made;
    }();
    return method.get();
}

}  // namespace sequitur::mail
