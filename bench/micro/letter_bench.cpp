// A letter of the drain bench's size, from its template to its bytes: compile once a step version, write and compose
// once a mail. `bytes_per_second` is of the result.
#include <benchmark/benchmark.h>

#include "domain/letter.hpp"
#include "mail/composer.hpp"
#include "mail/html_to_text.hpp"
#include "mail/quoted_printable.hpp"
#include "mail/sha256.hpp"

namespace sequitur {

namespace {

constexpr std::string_view subject = "The report, {{first_name}}";

std::string content() {
    std::string html;
    for (int n = 0; n < 20; ++n)
        html += "<p>{{first_name}}, the figures of the last quarter are out, and your colleagues at "
                "{{company|your company}} asked for a comparison with the year before. It takes ten minutes.</p>\n";
    for (int n = 0; n < 3; ++n) html += "<p><a href=\"https://example.com/report?from=mail\">Part of it</a></p>\n";
    return html;
}

domain::LetterTemplate compiled() {
    return std::get<domain::LetterTemplate>(domain::LetterTemplate::compile(subject, content(), std::nullopt));
}

domain::LetterFields fields() {
    domain::LetterFields made;
    made.email = "p1@acme.test";
    made.first_name = "Person 1";
    made.company = "Acme & Sons";
    made.sender_email = "sender@mail.test";
    return made;
}

domain::Letter written() { return std::get<domain::Letter>(compiled().write(fields(), "")); }

void compile_template(benchmark::State& state) {
    const auto text = content();
    for (auto _ : state) benchmark::DoNotOptimize(domain::LetterTemplate::compile(subject, text, std::nullopt));
}
BENCHMARK(compile_template);

void render(benchmark::State& state) {
    const auto letter = compiled();
    const auto person = fields();
    for (auto _ : state) benchmark::DoNotOptimize(letter.write(person, ""));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(written().html.size()));
}
BENCHMARK(render);

domain::MailParts parts_of(domain::Letter letter) {
    domain::MailParts parts;
    parts.email = *EmailId::parse("0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
    parts.from_name = "Sender";
    parts.from_address = "sender@mail.test";
    parts.to_address = "p1@acme.test";
    parts.subject = std::move(letter.subject);
    parts.html = std::move(letter.html);
    parts.text = std::move(letter.text);
    parts.unsubscribe_url = "https://mail.test/u/AQABAZOhssPUfl-KmwwdLj9KWwAAAAAAAAAAAAAAAAAAAAAAAAAA";
    return parts;
}

// All that the sender does for one mail: values into both templates, both parts encoded, hashed.
void letter(benchmark::State& state) {
    const mail::MimeComposer composer;
    const auto source = content();
    const auto step = std::get<domain::LetterTemplate>(
        domain::LetterTemplate::compile(subject, source, composer.text_source(source)));
    const auto person = fields();
    const auto once = [&] { return composer.compose(parts_of(std::get<domain::Letter>(step.write(person, "")))); };
    for (auto _ : state) benchmark::DoNotOptimize(mail::sha256(once()));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(once().size()));
}
BENCHMARK(letter);

// As in the sender, where the text part comes from the step and not from each mail; and where it does not.
void compose(benchmark::State& state, bool derives_text) {
    auto parts = parts_of(written());
    if (!derives_text) parts.text = mail::html_to_text(parts.html);
    const mail::MimeComposer composer;
    for (auto _ : state) benchmark::DoNotOptimize(composer.compose(parts));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(composer.compose(parts).size()));
}
BENCHMARK_CAPTURE(compose, text_given, false);
BENCHMARK_CAPTURE(compose, text_derived, true);

void html_to_text(benchmark::State& state) {
    const auto html = written().html;
    for (auto _ : state) benchmark::DoNotOptimize(mail::html_to_text(html));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(html.size()));
}
BENCHMARK(html_to_text);

void quoted_printable(benchmark::State& state) {
    const auto html = written().html;
    for (auto _ : state) benchmark::DoNotOptimize(mail::quoted_printable(html));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(html.size()));
}
BENCHMARK(quoted_printable);

}  // namespace

}  // namespace sequitur
