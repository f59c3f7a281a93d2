#include "base/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace sequitur::metrics {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, ACounterIsWrittenWithItsLabels) {
    Registry registry;
    auto& attempts = registry.counter("sequitur_send_attempts_total", "Ends of attempts.", {"outcome"});

    attempts.with({"sent"}).add();
    attempts.with({"sent"}).add(2);
    attempts.with({"deferred"}).add();

    EXPECT_EQ(registry.text(), "# HELP sequitur_send_attempts_total Ends of attempts.\n"
                               "# TYPE sequitur_send_attempts_total counter\n"
                               "sequitur_send_attempts_total{outcome=\"deferred\"} 1\n"
                               "sequitur_send_attempts_total{outcome=\"sent\"} 3\n");
}

TEST(Metrics, AHistogramCountsCumulativelyAndIncludesItsBound) {
    Registry registry;
    auto& seconds = registry.histogram("x_seconds", "X.", {}, {0.1, 1}).series();

    seconds.observe(0.1);
    seconds.observe(0.5);
    seconds.observe(7);

    EXPECT_THAT(registry.text(), HasSubstr("x_seconds_bucket{le=\"0.1\"} 1\nx_seconds_bucket{le=\"1\"} 2\n"
                                           "x_seconds_bucket{le=\"+Inf\"} 3\nx_seconds_sum 7.6\nx_seconds_count 3\n"));
}

TEST(Metrics, LabelValuesAndHelpAreEscaped) {
    Registry registry;
    registry.gauge("x", "a\nb\\c", {"l"}).with({"q\"b\\n\n"}).set(1);

    EXPECT_EQ(registry.text(), "# HELP x a\\nb\\\\c\n# TYPE x gauge\nx{l=\"q\\\"b\\\\n\\n\"} 1\n");
}

TEST(Metrics, TheSameNameIsTheSameFamily) {
    Registry registry;
    registry.counter("x_total", "X.").series().add();
    registry.counter("x_total", "X.").series().add();

    EXPECT_THAT(registry.text(), HasSubstr("x_total 2\n"));
}

TEST(Metrics, AGaugeMayBeReadAtTheScrape) {
    Registry registry;
    double now = 1;
    registry.gauge_read_by("x", "X.", {"a"}, [&] { return std::vector<Sample>{{{"b"}, now}}; });
    now = 5;

    EXPECT_THAT(registry.text(), HasSubstr("x{a=\"b\"} 5\n"));
}

TEST(Metrics, AGaugeThatIsReadMayMeetSomebodyWhoRegisters) {
    Registry registry;
    registry.gauge_read_by("sequitur_due", "Due.", {}, [&] {
        std::thread other{[&] { registry.counter("sequitur_things_total", "Things.").series().add(); }};
        other.join();
        return std::vector<Sample>{{{}, 7}};
    });

    EXPECT_THAT(registry.text(), HasSubstr("sequitur_due 7\n"));
    EXPECT_THAT(registry.text(), HasSubstr("sequitur_things_total 2\n")) << "the second scrape tells both";
}

TEST(Metrics, AGaugeThatCanNotBeReadHidesOnlyItself) {
    Registry registry;
    registry.gauge_read_by("x", "X.", {}, []() -> std::vector<Sample> { throw std::runtime_error{"away"}; });
    registry.counter("y_total", "Y.").series().add();

    EXPECT_THAT(registry.text(), Not(HasSubstr("# HELP x ")));
    EXPECT_THAT(registry.text(), HasSubstr("y_total 1\n"));
}

TEST(Metrics, NoIncrementOfManyThreadsIsLost) {
    Registry registry;
    auto& family = registry.counter("x_total", "X.", {"a"});
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 10'000; ++i) family.with({"b"}).add();
            });
    }

    EXPECT_EQ(family.with({"b"}).value(), 40'000);
}

// promtool is the format's own judge; the test is silent where it is not installed.
TEST(Metrics, PromtoolAcceptsTheText) {
    if (std::system("command -v promtool > /dev/null 2>&1") != 0) GTEST_SKIP() << "no promtool";
    Registry registry;
    registry.counter("sequitur_things_total", "Things.", {"kind"}).with({"a \"quoted\" one\n"}).add();
    registry.gauge("sequitur_temperature_celsius", "How warm.").series().set(-1.5);
    registry.histogram("sequitur_wait_seconds", "How long.", {"route"}).with({"/x"}).observe(0.3);

    FILE* promtool = ::popen("promtool check metrics", "w");
    const auto text = registry.text();
    std::fwrite(text.data(), 1, text.size(), promtool);

    EXPECT_EQ(::pclose(promtool), 0);
}

}  // namespace
}  // namespace sequitur::metrics
