// What a server says: one line as most replies are, and an EHLO of eight lines, whole and byte by byte.
#include <benchmark/benchmark.h>

#include "mail/smtp_reply.hpp"

namespace sequitur::mail {

namespace {

constexpr std::string_view one_line = "250 2.0.0 Ok: queued as 4F1A2B3C4D\r\n";
constexpr std::string_view ehlo = "250-mx.example.com\r\n250-PIPELINING\r\n250-SIZE 35882577\r\n250-ETRN\r\n"
                                  "250-AUTH PLAIN LOGIN\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 DSN\r\n";

void parse(benchmark::State& state, std::string_view reply, std::size_t bytes_a_read) {
    SmtpReplyParser parser;
    for (auto _ : state) {
        for (std::size_t at = 0; at < reply.size(); at += bytes_a_read) {
            auto input = reply.substr(at, bytes_a_read);
            benchmark::DoNotOptimize(parser.feed(input));
        }
        benchmark::DoNotOptimize(parser.take());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(reply.size()));
}
BENCHMARK_CAPTURE(parse, one_line, one_line, one_line.size());
BENCHMARK_CAPTURE(parse, ehlo, ehlo, ehlo.size());
BENCHMARK_CAPTURE(parse, ehlo_byte_by_byte, ehlo, 1);

}  // namespace

}  // namespace sequitur::mail
