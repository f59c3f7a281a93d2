#include "mail/https_post.hpp"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <array>
#include <memory>

#include "mail/free_with.hpp"

namespace sequitur::mail {

namespace {

constexpr std::size_t body_bytes_max = 64 * 1024;
constexpr long redirects_none = 0;

using Curl = std::unique_ptr<CURL, FreeWith<curl_easy_cleanup>>;
using Headers = std::unique_ptr<curl_slist, FreeWith<curl_slist_free_all>>;

void make_ready_once() {
    static const auto code = curl_global_init(CURL_GLOBAL_DEFAULT);
    static_cast<void>(code);
}

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* into) {
    auto& body = *static_cast<std::string*>(into);
    if (body.size() + size * count > body_bytes_max) return 0;  // ends the transfer
    body.append(bytes, size * count);
    return size * count;
}

/// Called with the address that the connection is made to.
curl_socket_t open_socket(void* private_hosts, curlsocktype, curl_sockaddr* to) {
    boost::asio::ip::tcp::endpoint endpoint;
    if (to->addrlen > endpoint.capacity()) return CURL_SOCKET_BAD;
    std::copy_n(reinterpret_cast<const char*>(&to->addr), to->addrlen, reinterpret_cast<char*>(endpoint.data()));
    if (!is_allowed(endpoint.address(), *static_cast<const PrivateHosts*>(private_hosts))) return CURL_SOCKET_BAD;
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

void set_up(CURL* curl, const std::string& url, const std::string& form, const HttpsOptions& options) {
    const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(curl, option, value); };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "https");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_FOLLOWLOCATION, redirects_none);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.longest / std::chrono::milliseconds{1}));
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(form.size()));
    set(CURLOPT_POSTFIELDS, form.c_str());
}

}  // namespace

HttpsAnswer https_post(const std::string& url, const std::string& form, const HttpsOptions& options) {
    make_ready_once();
    const Curl curl{curl_easy_init()};
    const Headers headers{curl_slist_append(nullptr, "Accept: application/json")};
    if (!curl || !headers) return {0, {}, "out of memory"};
    HttpsAnswer answer;
    auto private_hosts = options.private_hosts;
    std::array<char, CURL_ERROR_SIZE> problem{};
    set_up(curl.get(), url, form, options);
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl.get(), CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl.get(), CURLOPT_OPENSOCKETDATA, &private_hosts);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, problem.data());
    if (const auto code = curl_easy_perform(curl.get()); code != CURLE_OK) {
        answer.problem = problem[0] != '\0' ? problem.data() : curl_easy_strerror(code);
        return answer;
    }
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    return answer;
}

}  // namespace sequitur::mail
