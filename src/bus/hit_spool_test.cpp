#include "bus/hit_spool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "support/manual_clock.hpp"

namespace sequitur::bus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class HitSpoolTest : public ::testing::Test {
protected:
    HitSpoolTest() {
        auto name = (std::filesystem::temp_directory_path() / "sequitur-spool-XXXXXX").string();
        folder = ::mkdtemp(name.data());
    }
    ~HitSpoolTest() override { std::filesystem::remove_all(folder); }

    domain::EmailEvent hit(std::string type = "opened") {
        return {.id = EventId::make(clock.now()),
                .type = std::move(type),
                .email_queue_id = EmailId::make(clock.now()),
                .at = clock.now(),
                .recorded = false,
                .data = "{}"};
    }
    static bool keep(HitSpool& spool, const domain::EmailEvent& event) {
        std::promise<bool> kept;
        spool.keep(event, [&](bool yes) { kept.set_value(yes); });
        return kept.get_future().get();
    }
    std::vector<EventId> taken(HitSpool& spool, std::size_t hits_max = 100) {
        std::vector<EventId> ids;
        for (const auto& event : spool.take(hits_max)) ids.push_back(event.id);
        return ids;
    }
    std::ptrdiff_t files() { return std::distance(std::filesystem::directory_iterator{folder}, {}); }

    test::ManualClock clock;
    Doorbell bell;
    std::filesystem::path folder;
};

TEST_F(HitSpoolTest, WhatIsKeptIsTakenUntilItIsDone) {
    HitSpool spool{folder, clock, bell};
    const auto first = hit();
    const auto second = hit("clicked");
    ASSERT_TRUE(keep(spool, first));
    ASSERT_TRUE(keep(spool, second));
    EXPECT_TRUE(bell.wait(0us, {}));
    EXPECT_THAT(taken(spool), ElementsAre(first.id, second.id));
    EXPECT_THAT(taken(spool), ElementsAre(first.id, second.id)) << "it is not done";
    EXPECT_EQ(spool.take(100)[1].type, "clicked");
    spool.done();
    EXPECT_THAT(taken(spool), IsEmpty());
}

TEST_F(HitSpoolTest, IsTakenInPartsInItsOrder) {
    HitSpool spool{folder, clock, bell};
    std::vector<EventId> ids;
    for (int i = 0; i < 5; ++i) {
        const auto event = hit();
        ids.push_back(event.id);
        keep(spool, event);
    }
    EXPECT_THAT(taken(spool, 2), ElementsAre(ids[0], ids[1]));
    spool.done();
    const auto late = hit();
    keep(spool, late);
    EXPECT_THAT(taken(spool), ElementsAre(ids[2], ids[3], ids[4], late.id));
    spool.done();
    EXPECT_EQ(std::filesystem::file_size(std::filesystem::directory_iterator { folder } -> path()), 0u);
}

TEST_F(HitSpoolTest, ADeadProcessesHitsAreTakenOverByAnother) {
    const auto left = hit();
    {
        HitSpool dead{folder, clock, bell};
        keep(dead, left);
    }
    HitSpool living{folder, clock, bell};
    EXPECT_THAT(taken(living), ElementsAre(left.id));
    living.done();
    EXPECT_EQ(files(), 1) << "only its own";
}

TEST_F(HitSpoolTest, WhatADeadProcessWroteAheadIsNothing) {
    std::vector<EventId> ids;
    {
        HitSpool dead{folder, clock, bell};
        for (int i = 0; i < 30; ++i) {
            const auto event = hit();
            ids.push_back(event.id);
            keep(dead, event);
        }
    }
    const auto file = std::filesystem::directory_iterator { folder } -> path();
    std::ifstream stream{file};
    const std::string bytes{std::istreambuf_iterator<char>{stream}, {}};
    EXPECT_TRUE(bytes.ends_with('\0')) << "the next group would have written there";
    HitSpool living{folder, clock, bell};
    EXPECT_EQ(taken(living), ids);
    living.done();
    EXPECT_THAT(taken(living), IsEmpty());
    EXPECT_EQ(files(), 1);
}

TEST_F(HitSpoolTest, ALivingProcessesHitsAreItsOwn) {
    HitSpool one{folder, clock, bell};
    HitSpool other{folder, clock, bell};
    const auto event = hit();
    keep(one, event);
    EXPECT_THAT(taken(other), IsEmpty());
    EXPECT_THAT(taken(one), ElementsAre(event.id));
}

TEST_F(HitSpoolTest, NothingIsLeftOfASpoolThatWasEmptied) {
    {
        HitSpool spool{folder, clock, bell};
        keep(spool, hit());
        spool.take(100);
        spool.done();
    }
    EXPECT_EQ(files(), 0);
}

TEST_F(HitSpoolTest, ALineThatWasCutOrChangedIsPassedOver) {
    const auto good = hit();
    {
        HitSpool dead{folder, clock, bell};
        keep(dead, good);
    }
    const auto file = std::filesystem::directory_iterator { folder } -> path();
    std::string line;
    std::getline(std::ifstream{file}, line);
    auto changed = line;
    changed[line.find("opened")] = 'O';
    std::ofstream{file} << changed << "\n\nnonsense\n" << line << "\n" << line.substr(0, 50);
    HitSpool spool{folder, clock, bell};
    EXPECT_THAT(taken(spool), ElementsAre(good.id));
    spool.done();
    EXPECT_THAT(taken(spool), IsEmpty());
    EXPECT_EQ(files(), 1);
}

TEST_F(HitSpoolTest, AHugePieceOfGarbageHoldsNothingUp) {
    std::ofstream{folder / "00.hits"} << std::string(600'000, 'x');
    HitSpool spool{folder, clock, bell};
    for (int i = 0; i < 3; ++i) {
        EXPECT_THAT(taken(spool), IsEmpty());
        spool.done();
    }
    EXPECT_EQ(files(), 1);
}

TEST_F(HitSpoolTest, GrowsNoFurtherThanItsLimitWhileHitsComeAllTheTime) {
    HitSpool spool{folder, clock, bell};
    auto event = hit();
    event.data = R"({"url":"https://e.test/)" + std::string(2'000, 'x') + "\"}";
    std::size_t kept = 0, got = 0;
    for (int round = 0; round < 60; ++round) {
        for (int i = 0; i < 200; ++i, ++kept)
            if (i < 199)
                spool.keep(event, [](bool) {});
            else
                ASSERT_TRUE(keep(spool, event));
        for (const auto part : {100, 99}) {  // always further behind
            got += spool.take(static_cast<std::size_t>(part)).size();
            spool.done();
        }
    }
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) bytes += entry.file_size();
    EXPECT_LT(bytes, 25'000'000u);
    for (auto more = spool.take(100); !more.empty(); more = spool.take(100)) {
        got += more.size();
        spool.done();
    }
    EXPECT_EQ(got, kept);
}

TEST_F(HitSpoolTest, AFullDiskIsToldToWhoeverWaits) {
    HitSpool spool{folder, clock, bell};
    const auto limit = [](rlim_t bytes) {
        rlimit now{};
        ::getrlimit(RLIMIT_FSIZE, &now);
        now.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &now);
    };
    ASSERT_TRUE(keep(spool, hit()));
    ::signal(SIGXFSZ, SIG_IGN);
    limit(300);
    const bool kept = keep(spool, hit());
    limit(RLIM_INFINITY);
    EXPECT_FALSE(kept);
    ASSERT_TRUE(keep(spool, hit()));
    EXPECT_EQ(taken(spool).size(), 2u) << "the piece that was written is gone";
}

}  // namespace
}  // namespace sequitur::bus
