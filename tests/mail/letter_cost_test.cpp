// What one mail costs, held by counts that no other program on the machine can disturb: instructions and
// allocations. A step of 4 KB with three links and the way out, as `bench/micro` has it.
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <new>
#include <optional>

#include "domain/letter.hpp"
#include "mail/composer.hpp"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t bytes) {
    ++allocations;
    if (auto* memory = std::malloc(bytes)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace sequitur::mail {

namespace {

// Measured: 77,200 and 6 (g++ 12, x86-64).
constexpr std::uint64_t instructions_max = 84'000;
constexpr std::size_t allocations_max = 8;

/// Counted one by one in a child of ours: the counters of the processor are missing in most virtual machines. nullopt:
/// the kernel does not let us.
template <class Work> std::optional<std::uint64_t> instructions_of(Work work) {
    const auto child = fork();
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(1);
        raise(SIGSTOP);
        work();
        raise(SIGUSR1);
        _exit(0);
    }
    int status = 0;
    std::uint64_t steps = 0;
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return std::nullopt;
    while (ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) == 0 && waitpid(child, &status, 0) == child &&
           WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP)
        ++steps;
    const bool is_whole = WIFSTOPPED(status) && WSTOPSIG(status) == SIGUSR1;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return is_whole ? std::optional{steps} : std::nullopt;
}

struct LetterCost : testing::Test {
    LetterCost() {
        std::string html;
        for (int n = 0; n < 20; ++n)
            html += "<p>{{first_name}}, the figures of the last quarter are out, and your colleagues at "
                    "{{company|your company}} asked for a comparison with the year before. It takes ten minutes.</p>\n";
        for (int n = 0; n < 3; ++n) html += "<p><a href=\"https://example.com/report?from=mail\">Part of it</a></p>\n";
        step = std::get<0>(
            domain::LetterTemplate::compile("The report, {{first_name}}", html, composer.text_source(html)));
        person.email = "p1@acme.test";
        person.first_name = "Person 1";
        person.company = "Acme & Sons";
        write();  // what is made once is made
    }
    void write() {
        auto letter = std::get<domain::Letter>(step.write(person, ""));
        domain::MailParts parts;
        parts.email = *EmailId::parse("0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
        parts.from_name = "Sender";
        parts.from_address = "sender@mail.test";
        parts.to_address = person.email;
        parts.subject = std::move(letter.subject);
        parts.html = std::move(letter.html);
        parts.text = std::move(letter.text);
        parts.unsubscribe_url = "https://mail.test/u/AQABAZOhssPUfl-KmwwdLj9KWwAAAAAAAAAAAAAAAAAAAAAAAAAA";
        message = composer.compose(parts);
    }

    MimeComposer composer;
    domain::LetterTemplate step;
    domain::LetterFields person;
    std::string message;
};

TEST_F(LetterCost, StaysBelowItsInstructions) {
    const auto all = instructions_of([&] { write(); });
    if (!all) GTEST_SKIP() << "the kernel lets no process look at its child step by step";
    EXPECT_LT(*all, instructions_max);
    std::cout << *all << " instructions a letter of " << message.size() << " bytes\n";
}

TEST_F(LetterCost, StaysBelowItsAllocations) {
    const auto before = allocations;
    write();
    EXPECT_LT(allocations - before, allocations_max);
    EXPECT_GT(allocations - before, 0U);
    std::cout << allocations - before << " allocations a letter\n";
}

}  // namespace

}  // namespace sequitur::mail
