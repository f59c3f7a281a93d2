#include "workers/worker.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <semaphore>
#include <stdexcept>

#include "support/manual_clock.hpp"

namespace sequitur::workers {
namespace {

using namespace std::chrono_literals;

/// Far longer than any test may last: whoever waits for it in vain fails by CTest's time limit.
constexpr Duration for_ever = 1h;

class ScriptedWorker final : public Worker {
public:
    ScriptedWorker(Surroundings surroundings, Doorbell& bell, std::function<Duration(int number)> script)
        : Worker("scripted", surroundings, bell), script_(std::move(script)) {}
    ~ScriptedWorker() override { stop(); }

    void wait_for_step() { steps_.acquire(); }

private:
    Duration step(const std::stop_token&) override {
        steps_.release();
        return script_(++number_);
    }

    std::function<Duration(int)> script_;
    int number_ = 0;
    std::counting_semaphore<> steps_{0};
};

struct WorkerTest : testing::Test {
    test::ManualClock clock;
    metrics::Registry registry;
    Doorbell bell;
    Surroundings surroundings{clock, registry};
};

TEST_F(WorkerTest, StopIsHarmlessBeforeStartAndWhenRepeated) {
    ScriptedWorker worker{surroundings, bell, [](int) { return for_ever; }};

    worker.stop();
    worker.ask_to_stop();
    worker.start();
    worker.stop();
    worker.stop();
    worker.ask_to_stop();
}

TEST_F(WorkerTest, StartIsHarmlessWhileItRuns) {
    ScriptedWorker worker{surroundings, bell, [](int) { return for_ever; }};

    worker.start();
    worker.wait_for_step();
    worker.start();
    worker.stop();
}

TEST_F(WorkerTest, StartsAgainAfterStop) {
    ScriptedWorker worker{surroundings, bell, [](int) { return for_ever; }};
    worker.start();
    worker.wait_for_step();
    worker.stop();

    worker.start();
    worker.wait_for_step();
}

TEST_F(WorkerTest, TheBellEndsARest) {
    ScriptedWorker worker{surroundings, bell, [](int) { return for_ever; }};
    worker.start();
    worker.wait_for_step();

    bell.ring();

    worker.wait_for_step();
}

TEST_F(WorkerTest, WithoutRestItGoesOnAtOnce) {
    ScriptedWorker worker{surroundings, bell, [](int number) { return number < 3 ? Duration{} : for_ever; }};

    worker.start();

    for (int i = 0; i < 3; ++i) worker.wait_for_step();
}

TEST_F(WorkerTest, SurvivesAStepThatThrows) {
    ScriptedWorker worker{surroundings, bell, [](int number) {
                              if (number == 1) throw std::runtime_error("database gone");
                              return for_ever;
                          }};

    worker.start();
    worker.wait_for_step();
    worker.wait_for_step();
    worker.stop();

    EXPECT_TRUE(worker.health().last_success);
    EXPECT_FALSE(worker.health().failing_since);
    EXPECT_NE(registry.text().find(R"(sequitur_worker_failures_total{worker="scripted"} 1)"), std::string::npos);
}

TEST_F(WorkerTest, TellsSinceWhenItFails) {
    ScriptedWorker worker{surroundings, bell, [](int) -> Duration { throw std::runtime_error("database gone"); }};

    worker.start();
    worker.wait_for_step();
    worker.wait_for_step();
    worker.stop();

    EXPECT_FALSE(worker.health().last_success);
    EXPECT_EQ(worker.health().failing_since, clock.steady_now());
}

}  // namespace
}  // namespace sequitur::workers
