#include "mail/resolver.hpp"

#include <netdb.h>

#include <boost/asio/post.hpp>

#include <memory>
#include <optional>

namespace sequitur::mail {

namespace {

constexpr auto answer_kept = std::chrono::seconds{30};
constexpr std::size_t entries_max = 10'000;

ResolveAnswer ask(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* raw = nullptr;
    const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &raw);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list{raw, &::freeaddrinfo};
    ResolveAnswer answer;
    for (const auto* entry = list.get(); error == 0 && entry != nullptr; entry = entry->ai_next) {
        boost::asio::ip::tcp::endpoint endpoint;
        if (entry->ai_addrlen > endpoint.capacity()) continue;
        std::copy_n(reinterpret_cast<const char*>(entry->ai_addr), entry->ai_addrlen,
                    reinterpret_cast<char*>(endpoint.data()));
        answer.addresses.push_back(endpoint.address());
    }
    answer.is_unknown_name = error == EAI_NONAME || (error == 0 && answer.addresses.empty());
    if (error != 0)
        answer.problem = host + ": " + ::gai_strerror(error);
    else if (answer.addresses.empty())
        answer.problem = host + ": no address";
    return answer;
}

}  // namespace

void Resolver::resolve(const std::string& host, Receiver receiver) {
    boost::system::error_code not_numeric;
    const auto address = boost::asio::ip::make_address(host, not_numeric);
    if (!not_numeric) return receiver({{address}, {}});

    bool must_ask = false;
    const auto known = entries_.with([&](auto& entries) -> std::optional<ResolveAnswer> {
        if (entries.size() > entries_max)
            std::erase_if(entries, [](const auto& entry) { return entry.second.receivers.empty(); });
        auto& entry = entries[host];
        if (entry.receivers.empty() && clock_.steady_now() < entry.good_until) return entry.answer;
        must_ask = entry.receivers.empty();
        entry.receivers.push_back(std::move(receiver));
        return std::nullopt;
    });
    if (known) receiver(*known);
    if (must_ask) boost::asio::post(threads_, [this, host] { look_up(host); });
}

void Resolver::look_up(const std::string& host) {
    const auto answer = ask(host);
    std::vector<Receiver> receivers;
    entries_.with([&](auto& entries) {
        auto& entry = entries[host];
        entry.answer = answer;
        if (answer.problem.empty()) entry.good_until = clock_.steady_now() + answer_kept;
        receivers.swap(entry.receivers);
    });
    for (const auto& receiver : receivers) receiver(answer);
}

void Resolver::stop() { threads_.join(); }

}  // namespace sequitur::mail
