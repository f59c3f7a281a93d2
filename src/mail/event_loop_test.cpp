#include "mail/event_loop.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sequitur::mail {

namespace {

using namespace std::chrono_literals;

struct EventLoopTest : testing::Test {
    EventLoopTest() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0); }
    ~EventLoopTest() override {
        for (const int end : ends) ::close(end);
    }

    SystemClock clock;
    EventLoop loop{clock};
    std::array<int, 2> ends{};
};

/// Ends the loop when it has been told something.
struct Ear final : SocketWatcher {
    explicit Ear(EventLoop& owner) : loop(owner) {}
    void on_socket(bool has_ended) override {
        ++told;
        ended = has_ended;
        loop.stop();
    }
    EventLoop& loop;
    int told = 0;
    bool ended = false;
};

TEST_F(EventLoopTest, DoesWhatOtherThreadsPostInTheirOrder) {
    std::vector<int> done;
    std::promise<void> sleeping;
    loop.post([&] { sleeping.set_value(); });
    std::thread other{[&] {
        sleeping.get_future().wait();
        for (int i = 0; i < 1'000; ++i) loop.post([&done, i] { done.push_back(i); });
        loop.stop();
    }};

    loop.run();
    other.join();

    ASSERT_EQ(done.size(), 1'000U);
    EXPECT_TRUE(std::ranges::is_sorted(done));
}

TEST_F(EventLoopTest, KeepsATime) {
    const auto due = clock.steady_now() + 20ms;
    loop.at(due, [&] { loop.stop(); });

    loop.run();

    EXPECT_GE(clock.steady_now(), due);
}

TEST_F(EventLoopTest, TellsOfBytesAndOfTheEndBehindThem) {
    const auto ear = std::make_shared<Ear>(loop);
    ASSERT_TRUE(loop.watch(ends[0], ear));
    ::shutdown(ends[1], SHUT_WR);

    loop.run();

    EXPECT_EQ(ear->told, 1);
    EXPECT_TRUE(ear->ended);
}

TEST_F(EventLoopTest, TellsNobodyOfASocketThatWasForgotten) {
    const auto ear = std::make_shared<Ear>(loop);
    loop.watch(ends[0], ear);
    loop.forget(ends[0]);
    loop.at(clock.steady_now() + 5ms, [&] { loop.stop(); });

    loop.run();

    EXPECT_EQ(ear->told, 0);
}

TEST_F(EventLoopTest, OutlivesAWatcher) {
    loop.watch(ends[0], std::make_shared<Ear>(loop));
    loop.at(clock.steady_now() + 5ms, [&] { loop.stop(); });

    loop.run();
}

/// Asks once more while it is told.
struct Writer final : SocketWatcher, std::enable_shared_from_this<Writer> {
    Writer(EventLoop& owner, std::vector<std::string>& all) : loop(owner), said(all) {}
    void on_socket(bool) override {}
    void on_end_of_round() override {
        said.emplace_back("written");
        if (std::exchange(asks_again, false)) loop.at_end_of_round(weak_from_this());
    }
    EventLoop& loop;
    std::vector<std::string>& said;
    bool asks_again = true;
};

TEST_F(EventLoopTest, WritesWhenTheTasksOfARoundAreDone) {
    std::vector<std::string> said;
    const auto writer = std::make_shared<Writer>(loop, said);
    for (int i = 0; i < 2; ++i)
        loop.post([&] {
            said.emplace_back("task");
            loop.at_end_of_round(writer);
        });
    loop.post([&] { loop.at_end_of_round(std::make_shared<Writer>(loop, said)); });  // gone by then
    loop.stop();

    loop.run();

    EXPECT_EQ(said, (std::vector<std::string>{"task", "task", "written", "written", "written"}));
}

TEST_F(EventLoopTest, WritesWhatItsTimerAskedForBeforeItSleeps) {
    std::vector<std::string> said;
    const auto writer = std::make_shared<Writer>(loop, said);
    writer->asks_again = false;
    loop.at(clock.steady_now(), [&] {
        loop.at_end_of_round(writer);
        loop.at(clock.steady_now() + 5ms, [&] {
            said.emplace_back("later");
            loop.stop();
        });
    });

    loop.run();

    EXPECT_EQ(said, (std::vector<std::string>{"written", "later"}));
}

}  // namespace

}  // namespace sequitur::mail
