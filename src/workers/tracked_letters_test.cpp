// Which mails are tracked, and that only their HTML part is.
#include <gtest/gtest.h>

#include "support/fake_email_queue.hpp"
#include "support/manual_clock.hpp"
#include "workers/letters.hpp"

namespace sequitur::workers {
namespace {

struct OneAccount final : domain::Accounts {
    std::vector<domain::SenderAccount> load(const std::vector<MailboxId>&) override { return {account}; }
    domain::SenderAccount account;
};

struct PartsComposer final : domain::Composer {
    std::string compose(const domain::MailParts& parts) const override {
        last = parts;
        return {};
    }
    std::optional<std::string> text_source(std::string_view) const override { return std::nullopt; }
    mutable domain::MailParts last;
};

/// Says what it was asked.
struct FakeTracker final : domain::LinkTracker {
    domain::LinkPlaces find(std::string_view source) const override {
        found_in = source;
        return {.marks = {3, 5}, .links = 1, .has_pixel_place = false};
    }
    std::string track(std::string_view html, const domain::LinkPlaces& places,
                      std::span<const domain::PlacedMark> marks, const domain::TrackingWish& wish) const override {
        return std::string{wish.base} + (wish.opens ? " opens" : "") + (wish.clicks ? " clicks " : " ") +
               std::to_string(places.links) + " " + std::to_string(marks.size()) + " " + std::string{html};
    }
    mutable std::string found_in;
};

struct TrackedLettersTest : testing::Test {
    TrackedLettersTest() {
        auto smtp = std::make_shared<domain::SmtpAccount>();
        smtp->mailbox = email.mailbox = MailboxId::make(clock.now());
        smtp->address = "me@corp.test";
        smtp->host = "smtp.corp.test";
        accounts.account.smtp = smtp;
        email.step_version = StepVersionId::make(clock.now());
        email.attributes = "{}";
        email.first_name = "Ana";
        email.tracks_opens = email.tracks_clicks = true;
        queue.texts = {{email.step_version, "Hi", "<p>{{first_name}}</p>", {}}};
    }
    std::optional<std::string> tracked(const domain::LinkSettings& links) {
        Letters letters{queue, accounts, composer, {.tracker = &tracker, .links = links}};
        letters.prepare({email});
        std::get<Draft>(letters.draft(email)).finish(email);
        return composer.last.tracked_html;
    }

    test::ManualClock clock;
    test::Trace trace;
    test::FakeEmailQueue queue{trace};
    OneAccount accounts;
    PartsComposer composer;
    FakeTracker tracker;
    domain::ClaimedEmail email;
    const domain::LinkSettings public_url{.public_url = "https://go.test", .listen = "127.0.0.1:80"};
};

TEST_F(TrackedLettersTest, PlacesAreFoundInTheSourceAndTakenFromTheRendering) {
    EXPECT_EQ(tracked(public_url), "https://go.test opens clicks 1 2 <p>Ana</p>");
    EXPECT_EQ(tracker.found_in, "<p>{{first_name}}</p>");
}

TEST_F(TrackedLettersTest, TheTextPartIsMadeFromWhatIsNotTracked) {
    tracked(public_url);
    EXPECT_EQ(composer.last.html, "<p>Ana</p>");
}

TEST_F(TrackedLettersTest, TheClaimDecidesWhat) {
    email.tracks_opens = false;
    EXPECT_EQ(tracked(public_url), "https://go.test clicks 1 2 <p>Ana</p>");
    email.tracks_opens = true;
    email.tracks_clicks = false;
    EXPECT_EQ(tracked(public_url), "https://go.test opens 1 2 <p>Ana</p>");
}

TEST_F(TrackedLettersTest, Case82WithoutBothNothingIsTracked) {
    email.tracks_opens = email.tracks_clicks = false;
    EXPECT_EQ(tracked(public_url), std::nullopt);
}

TEST_F(TrackedLettersTest, TheMailboxsOwnHostComesFirst) {
    accounts.account.tracking_host = "track.corp.test";
    EXPECT_TRUE(tracked(public_url)->starts_with("https://track.corp.test opens"));
}

TEST_F(TrackedLettersTest, WithoutAnywhereToLeadNothingIsTracked) {
    EXPECT_EQ(tracked({.public_url = "", .listen = "127.0.0.1:80"}), std::nullopt);
}

}  // namespace
}  // namespace sequitur::workers
