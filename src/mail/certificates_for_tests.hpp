// A certificate authority that lives as long as one test.
#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "mail/tls.hpp"

namespace sequitur::mail {

class CertificatesForTests {
public:
    CertificatesForTests() {
        std::string pattern = (std::filesystem::temp_directory_path() / "sequitur-ca-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        ca_key_.reset(EVP_EC_gen("P-256"));
        ca_ = sign(ca_key_.get(), "test authority", "CA:TRUE", "");
        write("ca.pem", ca_.get());
    }
    ~CertificatesForTests() { std::filesystem::remove_all(folder_); }

    std::string ca_file() const { return folder_ / "ca.pem"; }
    std::string key_file(const std::string& name) const { return folder_ / (name + ".key"); }
    std::string certificate_file(const std::string& name) const { return folder_ / (name + ".pem"); }

    /// `alternative` as in "DNS:localhost" or "IP:127.0.0.1"; good until `seconds` from now.
    void issue(const std::string& name, const std::string& alternative, long seconds = 3600) {
        const Key key{EVP_EC_gen("P-256")};
        const auto certificate = sign(key.get(), name, "CA:FALSE", alternative, seconds);
        write(name + ".pem", certificate.get());
        const File file{std::fopen(key_file(name).c_str(), "w")};
        PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    }

private:
    using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
    using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
    using File = std::unique_ptr<std::FILE, FreeWith<std::fclose>>;

    Certificate sign(EVP_PKEY* key, const std::string& name, const char* constraints, const std::string& alternative,
                     long seconds = 3600) {
        Certificate certificate{X509_new()};
        X509_set_version(certificate.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial_);
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -7200);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), seconds);
        X509_set_pubkey(certificate.get(), key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
        X509_set_issuer_name(certificate.get(), X509_get_subject_name(ca_ ? ca_.get() : certificate.get()));
        extend(certificate.get(), NID_basic_constraints, constraints);
        if (!alternative.empty()) extend(certificate.get(), NID_subject_alt_name, alternative.c_str());
        X509_sign(certificate.get(), ca_key_.get(), EVP_sha256());
        return certificate;
    }

    static void extend(X509* certificate, int nid, const char* value) {
        X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }

    void write(const std::string& file_name, X509* certificate) const {
        const File file{std::fopen((folder_ / file_name).c_str(), "w")};
        PEM_write_X509(file.get(), certificate);
    }

    std::filesystem::path folder_;
    long serial_ = 0;
    Key ca_key_;
    Certificate ca_;
};

}  // namespace sequitur::mail
